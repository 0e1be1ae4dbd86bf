/** What a zone makes of the reports of its agents, and what it tells them. */
import { describe, expect, it } from "vitest";
import { instruct } from "../../../src/domain/zone/instruct.ts";
import type { ZoneInput } from "../../../src/domain/zone/input.ts";
import type { ZoneState } from "../../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Failure } from "../../../streams/schema/cause.ts";
import { finishOf } from "../run/fixture.ts";
import {
  assigned,
  divided,
  finished,
  given,
  joined,
  lost,
  part,
  person,
  plan,
  running,
  says,
  started,
} from "./fixture.ts";

const stopping: ZoneEvent = { type: "ShareStopping", run: "r", cause: person };
const two = [started, joined("a1", 2), joined("a2", 6)] as const;
const instructed = ({ state, events }: { state: ZoneState; events: readonly ZoneEvent[] }) =>
  instruct(state, events.at(-1) as ZoneEvent);

describe("report of an agent", () => {
  const failure: Failure = { kind: "threw", message: "boom" };
  const base = { run: "r", incarnation: 0 } as const;

  it("becomes a fact", () => {
    running
      .when(says("a1", { type: "PartFailed", ...base, failure }))
      .leadsTo({ type: "AgentFailed", ...base, agent: "a1", failure });
    running
      .when(says("a1", { type: "AbortCalled", ...base, cause: person }))
      .leadsTo({ type: "AbortRequested", run: "r", agent: "a1", cause: person });
    const over = running.when(says("a1", { type: "PartFinished", run: "r", finish: finishOf("a1") }));
    over.leadsTo(finished("a1"));
    over
      .given()
      .when(says("a1", { type: "PartFinished", run: "r", finish: finishOf("a1") }))
      .leadsTo();
  });

  it("tells of a stage once, with the length of the zone's own log", () => {
    const done = { type: "StageDone", ...base, stage: "setup", value: 1, intervals: 3 } as const;
    const heard = running.when(says("a1", done, 7));
    heard.leadsTo({ type: "StageReported", ...base, stage: "setup", agent: "a1", value: 1, intervals: 7 });
    heard
      .given()
      .when(says("a1", done, 7))
      .leadsTo();
  });

  it("says what of a stage's intervals could not be counted", () => {
    const aside = { intervals: 2, reason: "they did not arrive" };
    const done = { type: "StageDone", ...base, stage: "teardown", intervals: 3 } as const;
    running
      .when({ ...says("a1", done, 7), aside } as ZoneInput)
      .leadsTo({ type: "StageReported", ...base, stage: "teardown", agent: "a1", intervals: 7, aside });
  });

  it("counts only from an agent with a part, in the incarnation that has it", () => {
    running.when(says("a1", { type: "PartFailed", ...base, incarnation: 1, failure })).leadsTo();
    running.when(says("a3", { type: "PartFailed", ...base, failure })).leadsTo();
    running.when(says("a1", { type: "PartFailed", ...base, run: "other", failure })).leadsTo();
  });

  it("comes too late when the agent was lost", () => {
    running
      .and(lost("a1", "quiet"))
      .when(says("a1", { type: "PartFinished", run: "r", finish: finishOf("a1") }))
      .leadsTo();
  });
});

describe("instructions of a zone", () => {
  it("give each agent its part", () => {
    expect(instructed(given(...two, assigned(), divided))).toEqual([
      {
        agent: "a1",
        command: {
          type: "AssignShare",
          run: "r",
          plan,
          share: part("a1", [2, 6], 0, 2).share,
          agents: 1,
          workers: 2,
          incarnation: 0,
        },
      },
      {
        agent: "a2",
        command: {
          type: "AssignShare",
          run: "r",
          plan,
          share: part("a2", [2, 6], 1, 6).share,
          agents: 1,
          workers: 6,
          incarnation: 0,
        },
      },
    ]);
  });

  it("stop and forget every part", () => {
    expect(instructed(running.and(stopping))).toEqual(
      ["a1", "a2"].map((agent) => ({
        agent,
        command: { type: "StopRun", run: "r", cause: person, incarnation: 0 },
      })),
    );
    expect(instructed(running.and({ type: "ShareForgotten", run: "r" }))).toEqual(
      ["a1", "a2"].map((agent) => ({ agent, command: { type: "ForgetRun", run: "r" } })),
    );
  });

  it("are the same however often they are asked for, and change nothing", () => {
    for (const [i, event] of running.events.entries()) {
      const { state } = given(...running.events.slice(0, i + 1));
      const before = structuredClone(state);
      expect(instruct(state, event)).toEqual(instruct(state, event));
      expect(state).toEqual(before);
    }
  });
});
