/** Setups and teardowns of scenarios: once each, in the plan's order and back, with the data that is theirs. */
import { describe, expect, it } from "vitest";
import { instruct } from "../../../src/domain/run/instruct.ts";
import { awaitsSummary, proceed } from "../../../src/domain/run/proceed.ts";
import { mergeTimeMs, plannedUs } from "../../../src/domain/run/state.ts";
import { verdictOf } from "../../../src/domain/run/verdict.ts";
import { evolve } from "../../../src/domain/run/evolve.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Failure, Stage } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { planOf } from "../plan/request.ts";
import {
  around,
  assigned,
  attempted,
  fact,
  given,
  lossOf,
  origin,
  person,
  planned,
  ready,
  START,
  started,
  stopping,
  zoneFinished,
} from "./fixture.ts";

const load = { executor: "constant-vus", vus: 3, duration: "10s" };
const scenarios = {
  pay: { ...load, setup: "fill", teardown: "drain" },
  look: { ...load, teardown: "drain" },
  sell: { ...load, setup: "stock" },
  idle: load,
};
const zones = [
  { zone: "fra", weight: 2 },
  { zone: "iad", weight: 1 },
];
const planWith = (...more: readonly string[]): Plan =>
  planOf(
    { scenarios },
    { zones, agents: 3, exports: ["default", "options", "fill", "stock", "drain", ...more] },
  );

const plan = planWith("setup", "teardown");
const before = [planned(plan), assigned, ...ready];
const succeeded = (stage: Stage, value?: unknown): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "succeeded",
  ...(value === undefined ? {} : { value }),
});
const failed = (stage: Stage, failure: Failure): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "failed",
  failure,
});
const done = (stage: Stage, value?: unknown): readonly RunEvent[] => [
  attempted(stage),
  succeeded(stage, value),
];
const finished = [zoneFinished("fra"), zoneFinished("iad")];
const setUp = [...done("setup", "all"), ...done("setup/pay", "mine"), ...done("setup/sell")];

/** Lets the run go on by itself, each attempt succeeding, until it waits for something else. */
function stagesAfter(events: readonly RunEvent[]): readonly string[] {
  let { state } = given(...events);
  const stages: string[] = [];
  for (;;) {
    const [next] = proceed(state, around());
    if (next?.type === "StageAttempted") {
      stages.push(next.stage);
      state = evolve(evolve(state, next), succeeded(next.stage));
      continue;
    }
    if (next !== undefined)
      stages.push(next.type === "StageEnded" ? `${next.stage} ${next.result}` : next.type);
    return stages;
  }
}

describe("setups of scenarios", () => {
  it("run after the run's own, in the plan's order, and then the load starts", () => {
    expect(stagesAfter(before)).toEqual(["setup", "setup/pay", "setup/sell", "RunStarted"]);
    expect(stagesAfter([planned(planWith()), assigned, ...ready])).toEqual([
      "setup/pay",
      "setup/sell",
      "RunStarted",
    ]);
  });

  it("are waited for one at a time", () => {
    const { state } = given(...before, ...done("setup"), attempted("setup/pay"));
    expect(proceed(state, around())).toEqual([]);
  });

  it("stop the run when one throws, by its name; the next one is not tried", () => {
    const inPay = given(...before, ...done("setup"), attempted("setup/pay"));
    const failure: Failure = { kind: "threw", message: "no stock", file: "a.ts", line: 3, column: 7 };
    const decided = inPay.when(
      fact("fra", {
        type: "StageReported",
        run: "r",
        stage: "setup/pay",
        agent: "f1",
        incarnation: 0,
        failure,
        intervals: 0,
      }),
    );
    decided.leadsTo(
      { ...failed("setup/pay", failure), intervals: 0, origin: origin(1) } as RunEvent,
      stopping({
        kind: "setup-failed",
        message: "setup of scenario pay threw: no stock at a.ts:3:7",
        by: "agent f1",
      }),
    );
    expect(verdictOf(decided.given().state, { incomplete: [], failedThresholds: [] })).toMatchObject({
      exitCode: 107,
    });
    expect(proceed(decided.given().state, around())).toEqual([]);
  });

  it("stop the run with 100 when nobody answers in time", () => {
    const expired = given(...before, ...done("setup"), attempted("setup/pay")).when({
      type: "StageExpired",
      stage: "setup/pay",
    });
    const message = "setup of scenario pay did not succeed: agent f1 did not answer in time";
    const [stop] = proceed(expired.given().state, around());
    expect(stop).toEqual(stopping({ kind: "setup-timed-out", message, by: "" }));
  });

  it("are never tried again when their agent is lost in mid-attempt", () => {
    const decided = given(...before, ...done("setup"), attempted("setup/pay")).when(
      fact("fra", { type: "AgentLost", run: "r", loss: lossOf("f1") }),
    );
    expect(decided.events[1]).toEqual(
      failed("setup/pay", { kind: "lost", message: "agent f1 was lost while it ran setup of scenario pay" }),
    );
    expect(proceed(decided.given().state, around())).toEqual([]);
  });
});

describe("teardowns of scenarios", () => {
  it("run in reverse order before the run's own, when everybody has settled", () => {
    const events = [...before, ...setUp, started, { type: "RunDraining" } as const];
    expect(stagesAfter([...events, zoneFinished("fra")])).toEqual([]);
    expect(stagesAfter([...events, ...finished])).toEqual(["teardown/look", "teardown/pay", "teardown"]);
  });

  it("all run although one of them failed, and the first failure is the verdict's", () => {
    const events = [...before, ...setUp, started, { type: "RunDraining" } as const, ...finished];
    const broken = [
      ...events,
      attempted("teardown/look"),
      failed("teardown/look", { kind: "timeout", message: "60 s" }),
      attempted("teardown/pay"),
      failed("teardown/pay", { kind: "threw", message: "no" }),
    ];
    expect(stagesAfter(broken)).toEqual(["teardown"]);
    expect(awaitsSummary(given(...broken).state)).toBe(false);
    const { state } = given(...broken, ...done("teardown"));
    expect(awaitsSummary(state)).toBe(true);
    expect(verdictOf(state, { incomplete: [], failedThresholds: [] })).toEqual({
      outcome: "errored",
      exitCode: 101,
      message: "teardown of scenario look timed out: 60 s",
    });
  });

  it("run for the setups that had succeeded when another failed", () => {
    const events = [
      ...before,
      ...done("setup"),
      ...done("setup/pay"),
      attempted("setup/sell"),
      failed("setup/sell", { kind: "threw", message: "no" }),
      stopping({ kind: "setup-failed", message: "no", by: "" }),
      ...finished,
    ];
    expect(stagesAfter(events)).toEqual(["teardown/look not-run"]);
    const notRun: RunEvent = {
      type: "StageEnded",
      stage: "teardown/look",
      result: "not-run",
      failure: { kind: "invalid", message: "the run never started" },
    };
    expect(proceed(given(...events).state, around())).toEqual([notRun]);
    expect(stagesAfter([...events, notRun])).toEqual(["teardown/pay", "teardown"]);
  });

  it("are stated as not run when their own setup did not succeed", () => {
    const events = [...before, ...done("setup"), stopping(person), ...finished];
    const { state } = given(...events, {
      type: "StageEnded",
      stage: "teardown/look",
      result: "not-run",
      failure: { kind: "invalid", message: "the run never started" },
    });
    expect(proceed(state, around())).toMatchObject([
      {
        stage: "teardown/pay",
        result: "not-run",
        failure: { message: "setup of scenario pay did not succeed" },
      },
    ]);
  });

  it("may measure one after the other beyond the end of the load, each as long as one alone", () => {
    const one = planOf({ scenarios: { idle: load } }, { exports: ["default", "teardown"] });
    const far = Number.MAX_SAFE_INTEGER;
    expect(plannedUs(one)).toBe(plannedUs(plan));
    expect(mergeTimeMs(plan, far) - mergeTimeMs(one, far)).toBe(120_000);
  });

  it("lengthen the interval log of their zone", () => {
    const { state } = given(...before, ...setUp, started, ...finished, attempted("teardown/pay"), {
      ...succeeded("teardown/pay"),
      intervals: 14,
    } as RunEvent);
    expect(state.zones.map(({ intervals }) => intervals)).toEqual([14, 11]);
  });
});

describe("data of scenarios", () => {
  const told = (events: readonly RunEvent[]) =>
    instruct("r", given(...events).state, events.at(-1) as RunEvent)[0]?.command;

  it("is the value of their own setup, which gets the run's; null where it returned nothing", () => {
    expect(told([...before, ...done("setup", "all"), attempted("setup/pay")])).toMatchObject({
      type: "RunStage",
      stage: "setup/pay",
      input: "all",
    });
    expect(told([...before, ...setUp, started])).toEqual({
      type: "StartRun",
      run: "r",
      startAt: START,
      setup: "all",
      setups: { pay: "mine", sell: null },
    });
  });

  it("reaches their teardown; where they have no setup, the run's does", () => {
    const events = [...before, ...setUp, started];
    expect(told([...events, attempted("teardown/pay")])).toMatchObject({ input: "mine" });
    expect(told([...events, attempted("teardown/look")])).toMatchObject({ input: "all" });
    expect(told([...events, attempted("teardown")])).toMatchObject({ input: "all" });
  });
});
