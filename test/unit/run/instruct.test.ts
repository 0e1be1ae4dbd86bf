/** What root tells its zones because of an event. */
import { describe, expect, it } from "vitest";
import { instruct } from "../../../src/domain/run/instruct.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import {
  assigned,
  attempted,
  given,
  person,
  plan,
  planned,
  ready,
  running,
  stagedPlan,
  START,
  started,
  stopping,
  zoneFinished,
} from "./fixture.ts";

const ended = (stage: "setup" | "teardown" | "summary", value?: unknown): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "succeeded",
  ...(value === undefined ? {} : { value }),
});
const summarised: RunEvent = {
  type: "SummaryRecorded",
  intervals: 11,
  sha256: "0".repeat(64),
  summary: { metrics: {} },
};

describe("instructions of a run", () => {
  const instructions = (events: readonly RunEvent[]) => {
    const { state } = given(...events);
    return instruct("r", state, events.at(-1) as RunEvent);
  };

  it("give each zone its share", () => {
    const told = instructions([planned(), assigned]);
    expect(told.map(({ zone }) => zone)).toEqual(["fra", "iad"]);
    expect(told[0]?.command).toEqual({
      type: "AssignShare",
      run: "r",
      plan,
      share: [{ weights: [2, 1], index: 0 }],
      agents: 2,
      workers: 0,
      actor: "ana@laptop",
    });
    const { state } = given(planned(), assigned);
    const guarded = instruct("r", state, assigned, ["hub.test:4222"]);
    expect(guarded.map(({ command }) => command)).toMatchObject([
      { controlPlane: ["hub.test:4222"] },
      { controlPlane: ["hub.test:4222"] },
    ]);
  });

  it("carry what setup returned to everybody, and to teardown", () => {
    const before = [
      planned(stagedPlan),
      assigned,
      ...ready,
      attempted("setup"),
      ended("setup", { token: 1 }),
    ];
    expect(instructions([...before, started]).map(({ zone, command }) => [zone, command])).toEqual([
      ["fra", { type: "StartRun", run: "r", startAt: START, setup: { token: 1 } }],
      ["iad", { type: "StartRun", run: "r", startAt: START, setup: { token: 1 } }],
    ]);
    const [teardown] = instructions([...before, started, attempted("teardown")]);
    expect(teardown).toMatchObject({ zone: "fra", command: { stage: "teardown", input: { token: 1 } } });
    const [summary] = instructions([...before, started, summarised, attempted("summary")]);
    expect(summary).toMatchObject({ command: { stage: "summary", input: { metrics: {} } } });
    const [setup] = instructions(before.slice(0, -1));
    expect(setup?.command).not.toHaveProperty("input");
  });

  it("stop only those that have something left to do", () => {
    const told = instructions([...running(), zoneFinished("fra"), stopping(person)]);
    expect(told).toEqual([{ zone: "iad", command: { type: "StopRun", run: "r", cause: person } }]);
  });

  it("let go of the run after its verdict, and not at a revision of it", () => {
    const verdict = (revision: number): RunEvent => ({
      type: "VerdictGiven",
      revision,
      outcome: "passed",
      exitCode: 0,
      message: "",
    });
    expect(instructions([...running(), verdict(0)]).map(({ command }) => command.type)).toEqual([
      "ForgetRun",
      "ForgetRun",
    ]);
    expect(instructions([...running(), verdict(1)])).toEqual([]);
  });

  it("are the same however often they are asked for, and change nothing", () => {
    const events = [...running(), stopping(person)];
    for (const [i, event] of events.entries()) {
      const { state } = given(...events.slice(0, i + 1));
      const before = structuredClone(state);
      expect(instruct("r", state, event)).toEqual(instruct("r", state, event));
      expect(state).toEqual(before);
    }
  });
});
