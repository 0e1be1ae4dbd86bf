/** What goes wrong in a run: a script, an agent, a zone, a person; the first cause wins. */
import { describe, expect, it } from "vitest";
import { proceed } from "../../../src/domain/run/proceed.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause, Failure, Stage, WorkerDeath } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import {
  around,
  assigned,
  attempted,
  fact,
  finishOf,
  given,
  lossOf,
  origin,
  person,
  plan,
  planned,
  ready,
  running,
  stagedPlan,
  stopping,
  zoneFinished,
} from "./fixture.ts";

const agentLost = (agent: string): ZoneEvent => ({ type: "AgentLost", run: "r", loss: lossOf(agent) });
const lost = (zone: string, agent: string): RunEvent => ({
  type: "AgentLost",
  zone,
  loss: lossOf(agent),
  origin: origin(1),
});
const lostCause = (zone: string, agent: string): Cause => ({
  kind: "agents-lost",
  message: `lost agent ${agent} of zone ${zone}: not heard for 2.2 s`,
  by: "",
});
const tolerant = (percent: number): Plan => ({ ...plan, onAgentLoss: { do: "tolerate", percent } });

const inSetup = given(planned(stagedPlan), assigned, ...ready, attempted("setup"));
const endedBadly = (stage: Stage, failure: Failure): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "failed",
  failure,
});

describe("lost agent", () => {
  it("ends the run where the plan says fail", () => {
    const run = given(...running({ ...plan, onAgentLoss: { do: "fail" } }));
    run.when(fact("fra", agentLost("f2"))).leadsTo(lost("fra", "f2"), stopping(lostCause("fra", "f2")));
  });

  it("is tolerated up to the share of agents that the plan names", () => {
    const run = given(...running(tolerant(34)));
    const first = run.when(fact("fra", agentLost("f2")));
    first.leadsTo(lost("fra", "f2"));
    first
      .given()
      .when(fact("fra", agentLost("f2")))
      .leadsTo(); // said twice
    first
      .given()
      .when(fact("iad", agentLost("i1")))
      .leadsTo(lost("iad", "i1"), stopping(lostCause("iad", "i1")));
    given(...running(tolerant(33)))
      .when(fact("fra", agentLost("f2")))
      .leadsTo(lost("fra", "f2"), stopping(lostCause("fra", "f2")));
  });

  it("is not tolerated before the start: nobody would do its part", () => {
    given(planned(tolerant(100)), assigned, ...ready)
      .when(fact("fra", agentLost("f1")))
      .leadsTo(lost("fra", "f1"), stopping(lostCause("fra", "f1")));
  });

  it("is passed over when somebody is needed for teardown", () => {
    const run = given(
      ...running({ ...tolerant(50), hasTeardown: true }),
      lost("fra", "f1"),
      { type: "RunDraining" },
      zoneFinished("fra"),
      zoneFinished("iad"),
    );
    expect(proceed(run.state, around())).toEqual([{ ...attempted("teardown"), agent: "f2" }]);
  });
});

describe("agents that stopped with nobody telling them to", () => {
  const early = finishOf("f2");
  const finished = {
    type: "ShareFinished" as const,
    run: "r",
    incarnation: 1,
    agents: [finishOf("f1"), { ...early, whole: false }],
    intervals: 11,
  };
  const zoneDone: RunEvent = {
    type: "ZoneFinished",
    zone: "fra",
    incarnation: 1,
    agents: finished.agents,
    intervals: 11,
    origin: origin(1),
  };
  const silence: Cause = {
    kind: "silence",
    message:
      "agent f2 stopped before the planned end: nothing was heard from above for longer than the plan's onSilence of 5 s",
    by: "zone fra",
  };
  const run = given(...running({ ...plan, onSilence: { do: "stop", afterMs: 5000 } }));

  it("heard nothing from above, which ends the run", () => {
    run.when(fact("fra", finished)).leadsTo(zoneDone, stopping(silence));
    run.and({ type: "RunDraining" }).when(fact("fra", finished)).leadsTo(zoneDone, stopping(silence));
  });

  it("are never the planned end of a run", () => {
    const settled = run.and(zoneDone, zoneFinished("iad"));
    expect(proceed(settled.state, around())).toEqual([stopping(silence)]);
  });

  it("have another cause where one is known, or where a worker was lost", () => {
    run.and(stopping(person)).when(fact("fra", finished)).leadsTo(zoneDone);
    const agents = [
      { ...early, whole: false, lostWorkers: [{ worker: "w", reason: "killed", intervals: 1 }] },
    ];
    expect(run.when(fact("fra", { ...finished, agents })).events).toHaveLength(1);
  });
});

describe("a run whose agents are all gone", () => {
  it("has not come to its planned end, however many losses are tolerated", () => {
    const gone = (zone: "fra" | "iad"): RunEvent => ({ ...zoneFinished(zone), agents: [] }) as RunEvent;
    const run = given(...running(tolerant(100)), gone("fra"), gone("iad"));
    expect(proceed(run.state, around())).toEqual([
      stopping({ kind: "agents-lost", message: "no agent was left before the planned end", by: "" }),
    ]);
  });
});

describe("silent zone", () => {
  const silent = (zone: string) => ({ type: "ZoneSilent", zone, reason: `zone ${zone} was silent` }) as const;

  it("is lost, is not waited for, and ends the run", () => {
    const decided = given(...running()).when(silent("iad"));
    decided.leadsTo(
      { type: "ZoneLost", zone: "iad", reason: "zone iad was silent" },
      stopping({ kind: "agents-lost", message: "zone iad was silent", by: "" }),
    );
    decided.given().when(silent("iad")).leadsTo();
    given(...running(), zoneFinished("iad"))
      .when(silent("iad"))
      .leadsTo();
  });

  it("takes the stage that one of its agents ran with it", () => {
    const [, stage] = inSetup.when(silent("fra")).events;
    expect(stage).toEqual(
      endedBadly("setup", { kind: "lost", message: "zone fra was lost while it ran setup" }),
    );
    expect(inSetup.when(silent("iad")).events).toHaveLength(2);
  });

  it("leaves the first cause in place", () => {
    given(...running(), stopping(person))
      .when(silent("fra"))
      .leadsTo({ type: "ZoneLost", zone: "fra", reason: "zone fra was silent" });
  });
});

describe("first cause", () => {
  const other: Cause = { kind: "threshold", message: "p(95)<1", by: "http_req_duration" };

  it("wins: a second is not even written", () => {
    const stopped = given(...running()).when({ type: "Stop", cause: person });
    stopped.leadsTo(stopping(person));
    expect(stopped.given().state).toMatchObject({ phase: "draining", cause: person });
    stopped.given().when({ type: "Stop", cause: other }).leadsTo();
    const aborted: ZoneEvent = { type: "AbortRequested", run: "r", agent: "f1", cause: other };
    stopped.given().when(fact("fra", aborted)).leadsTo();
    stopped
      .given()
      .when(fact("fra", agentLost("f1")))
      .leadsTo(lost("fra", "f1"));
    expect(stopped.given().and(stopping(other)).state.cause).toEqual(person);
  });

  it("may be a script that throws or aborts, or a zone that cannot serve", () => {
    const run = given(...running());
    const cause: Cause = { kind: "script", message: "enough", by: "agent f1" };
    run.when(fact("fra", { type: "AbortRequested", run: "r", agent: "f1", cause })).leadsTo(stopping(cause));
    const failure: Failure = { kind: "threw", message: "boom", file: "a.ts", line: 1, column: 2 };
    const failed = (of: Failure): ZoneEvent => ({
      type: "AgentFailed",
      run: "r",
      agent: "f1",
      incarnation: 0,
      failure: of,
    });
    const by = "agent f1 in zone fra";
    run
      .when(fact("fra", failed(failure)))
      .leadsTo(stopping({ kind: "script-failed", message: "boom at a.ts:1:2", by }));
    run
      .when(fact("fra", failed({ kind: "lost", message: "worker died" })))
      .leadsTo(stopping({ kind: "agents-lost", message: "worker died", by }));
    const missing: Cause = { kind: "agents-missing", message: "1 of 2", by: "" };
    given(planned(), assigned)
      .when(fact("fra", { type: "ShareRefused", run: "r", cause: missing }))
      .leadsTo(stopping(missing));
  });
});

describe("a lost worker", () => {
  const deathOf = (worker: string): WorkerDeath => ({
    worker,
    cause: "called process.exit(3)",
    lastLines: ["cart: 3", "giving up"],
    iteration: { scenario: "shoppers", number: 41, vu: 7 },
  });
  const failed = (agent: string, worker: string): ZoneEvent => ({
    type: "AgentFailed",
    run: "r",
    agent,
    incarnation: 0,
    failure: { kind: "lost", message: "a worker is gone", death: deathOf(worker) },
  });
  const workerLost = (zone: string, agent: string, worker: string): RunEvent => ({
    type: "WorkerLost",
    zone,
    agent,
    incarnation: 0,
    death: deathOf(worker),
    origin: origin(1),
  });
  const cause: Cause = {
    kind: "agents-lost",
    message:
      "a worker called process.exit(3) in iteration 41 of scenario shoppers (VU 7); its last line: giving up",
    by: "agent f1 in zone fra",
  };

  it("ends the run where nothing is tolerated, and says how it died", () => {
    given(...running())
      .when(fact("fra", failed("f1", "f1.0/w0")))
      .leadsTo(workerLost("fra", "f1", "f1.0/w0"), stopping(cause));
  });

  it("counts as so much of its agent as that has workers", () => {
    const workers = given(...running()).state.members.find(({ agent }) => agent === "f1")?.workers ?? 0;
    expect(workers).toBeGreaterThan(1);
    const share = 100 / 3 / workers;
    const first = given(...running(tolerant(share + 0.01))).when(fact("fra", failed("f1", "f1.0/w0")));
    first.leadsTo(workerLost("fra", "f1", "f1.0/w0"));
    first
      .given()
      .when(fact("fra", failed("f1", "f1.0/w0")))
      .leadsTo(); // said twice
    first
      .given()
      .when(fact("fra", failed("f1", "f1.0/w1")))
      .leadsTo(workerLost("fra", "f1", "f1.0/w1"), stopping(cause));
    given(...running(tolerant(share - 0.01)))
      .when(fact("fra", failed("f1", "f1.0/w0")))
      .leadsTo(workerLost("fra", "f1", "f1.0/w0"), stopping(cause));
  });

  it("is not counted beside its agent, once that is lost as well", () => {
    const run = given(...running(tolerant(34)), workerLost("fra", "f1", "f1.0/w0"), lost("fra", "f1"));
    expect(proceed(run.state, around())).toEqual([]);
  });

  it("is not tolerated before the start", () => {
    given(planned(tolerant(100)), assigned, ...ready)
      .when(fact("fra", failed("f1", "f1.0/w0")))
      .leadsTo(workerLost("fra", "f1", "f1.0/w0"), stopping(cause));
  });

  it("stops the run although root was replaced between the loss and that word", () => {
    const run = given(...running(), workerLost("fra", "f1", "f1.0/w0"));
    expect(proceed(run.state, around())).toEqual([stopping(cause)]);
  });
});

describe("root that takes over between a loss and what follows from it", () => {
  it("stops the run for the agent, unless the plan tolerates it", () => {
    const fails = given(...running({ ...plan, onAgentLoss: { do: "fail" } }), lost("fra", "f2"));
    expect(proceed(fails.state, around())).toEqual([stopping(lostCause("fra", "f2"))]);
    expect(proceed(given(...running(tolerant(34)), lost("fra", "f2")).state, around())).toEqual([]);
  });

  it("stops the run for a zone that is still lost", () => {
    const zoneLost: RunEvent = { type: "ZoneLost", zone: "iad", reason: "not heard for 30 s" };
    const [stop] = proceed(given(...running(), zoneLost).state, around());
    expect(stop).toMatchObject({ type: "RunStopping", cause: { kind: "agents-lost" } });
    expect(proceed(given(...running(), zoneLost, zoneFinished("iad")).state, around())).toEqual([]);
  });
});
