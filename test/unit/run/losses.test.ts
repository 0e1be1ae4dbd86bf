/** What goes wrong in a run: a script, an agent, a zone, a person; the first cause wins. */
import { describe, expect, it } from "vitest";
import { proceed } from "../../../src/domain/run/proceed.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause, Failure, Stage } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import {
  around,
  assigned,
  attempted,
  fact,
  given,
  lossOf,
  origin,
  person,
  plan,
  planned,
  ready,
  running,
  stagedPlan,
  started,
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

const reported = (stage: Stage, failure?: Failure): ZoneEvent => ({
  type: "StageReported",
  run: "r",
  stage,
  agent: "f1",
  incarnation: 0,
  ...(failure === undefined ? { value: { token: 1 } } : { failure }),
  intervals: 4,
});
const inSetup = given(planned(stagedPlan), assigned, ...ready, attempted("setup"));
const endedBadly = (stage: Stage, failure: Failure): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "failed",
  failure,
});

describe("setup", () => {
  it("hands on what it returned", () => {
    inSetup.when(fact("fra", reported("setup"))).leadsTo({
      type: "StageEnded",
      stage: "setup",
      result: "succeeded",
      value: { token: 1 },
      intervals: 4,
      origin: origin(1),
    });
  });

  it("stops the run when it throws, and says where", () => {
    const failure: Failure = { kind: "threw", message: "no token", file: "a.ts", line: 3, column: 7 };
    inSetup
      .when(fact("fra", reported("setup", failure)))
      .leadsTo(
        { ...endedBadly("setup", failure), intervals: 4, origin: origin(1) } as RunEvent,
        stopping({ kind: "setup-failed", message: "setup threw: no token at a.ts:3:7", by: "agent f1" }),
      );
  });

  it("stops the run when it times out, as its agent says", () => {
    const failure: Failure = { kind: "timeout", message: "60 s" };
    const [, stop] = inSetup.when(fact("fra", reported("setup", failure))).events;
    expect(stop).toMatchObject({ cause: { kind: "setup-timed-out", message: "setup timed out: 60 s" } });
  });

  it("stops the run when nobody answers in time", () => {
    const expired = inSetup.when({ type: "StageExpired", stage: "setup" });
    expired.leadsTo(endedBadly("setup", { kind: "timeout", message: "agent f1 did not answer in time" }));
    expect(proceed(expired.given().state, around())).toEqual([
      stopping({
        kind: "setup-failed",
        message: "setup did not succeed: agent f1 did not answer in time",
        by: "",
      }),
    ]);
  });

  it("is never tried again when its agent is lost in mid-attempt", () => {
    const decided = inSetup.when(fact("fra", agentLost("f1")));
    decided.leadsTo(
      lost("fra", "f1"),
      endedBadly("setup", { kind: "lost", message: "agent f1 was lost while it ran setup" }),
      stopping(lostCause("fra", "f1")),
    );
    decided
      .given()
      .when(fact("fra", reported("setup")))
      .leadsTo(); // it was only slow: too late
    expect(proceed(decided.given().state, around())).toEqual([]);
  });

  it("counts an answer once, and only from the zone that was asked", () => {
    inSetup.when(fact("iad", reported("setup"))).leadsTo();
    inSetup
      .when(fact("fra", reported("setup")))
      .given()
      .when(fact("fra", reported("setup")))
      .leadsTo();
    given(planned(stagedPlan), assigned, ...ready)
      .when(fact("fra", reported("setup")))
      .leadsTo();
    given(...running())
      .when({ type: "StageExpired", stage: "setup" })
      .leadsTo();
  });
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

describe("silent zone", () => {
  const silent = (zone: string) => ({ type: "ZoneSilent", zone, reason: `zone ${zone} was silent` }) as const;

  it("is lost, is not waited for, and ends the run", () => {
    const decided = given(...running()).when(silent("iad"));
    decided.leadsTo(
      { type: "ZoneLost", zone: "iad", reason: "zone iad was silent" },
      stopping({ kind: "agents-lost", message: "zone iad was silent", by: "zone iad" }),
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

describe("teardown that cannot run", () => {
  const notRun = (message: string): RunEvent => ({
    type: "StageEnded",
    stage: "teardown",
    result: "not-run",
    failure: { kind: "invalid", message },
  });
  const withTeardown: Plan = { ...plan, hasTeardown: true };

  it("is stated as not run, with the reason", () => {
    const noSetup = inSetup.and(
      endedBadly("setup", { kind: "threw", message: "no" }),
      stopping(person),
      zoneFinished("fra"),
      zoneFinished("iad"),
    );
    expect(proceed(noSetup.state, around())).toEqual([notRun("setup did not succeed")]);
    const neverStarted = given(planned(withTeardown), stopping(person));
    expect(proceed(neverStarted.state, around())).toEqual([notRun("the run never started")]);
    const nobody = given(
      ...running(withTeardown),
      ...["fra", "iad"].map((zone): RunEvent => ({ type: "ZoneLost", zone, reason: "silent" })),
      stopping(person),
    );
    expect(proceed(nobody.state, around())).toEqual([notRun("no agent with a worker was left to run it")]);
  });

  it("waits until every zone has settled", () => {
    const waiting = given(...running(withTeardown), stopping(person), zoneFinished("fra"));
    expect(proceed(waiting.state, around())).toEqual([]);
    expect(proceed(waiting.and(zoneFinished("iad")).state, around())).toEqual([attempted("teardown")]);
  });

  it("runs after every start when there was no setup", () => {
    const events = [planned(withTeardown), assigned, ...ready, started, stopping(person)];
    const settled = given(...events, zoneFinished("fra"), zoneFinished("iad"));
    expect(proceed(settled.state, around())).toEqual([attempted("teardown")]);
  });

  it("is lost with its agent, and not tried again", () => {
    const during = given(
      ...running(withTeardown),
      stopping(person),
      zoneFinished("fra"),
      zoneFinished("iad"),
      attempted("teardown"),
    );
    const decided = during.when({ type: "StageExpired", stage: "teardown" });
    expect(decided.events).toMatchObject([{ result: "failed", failure: { kind: "timeout" } }]);
    expect(proceed(decided.given().state, around())).toEqual([]);
  });
});

describe("handleSummary after a script that failed", () => {
  it("is stated as not run", () => {
    const cause: Cause = { kind: "script-failed", message: "boom", by: "" };
    const run = given(
      ...running({ ...plan, hasHandleSummary: true }),
      stopping(cause),
      zoneFinished("fra"),
      zoneFinished("iad"),
      { type: "SummaryRecorded", intervals: 0, sha256: "0".repeat(64), summary: {} },
    );
    expect(proceed(run.state, around())).toMatchObject([{ stage: "summary", result: "not-run" }]);
  });
});
