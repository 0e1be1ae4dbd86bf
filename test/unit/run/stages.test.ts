/** setup, teardown and handleSummary: each is tried once, and what becomes of it is an event. */
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
        kind: "setup-timed-out",
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
