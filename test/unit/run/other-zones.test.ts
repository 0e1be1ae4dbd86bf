/** A zone speaks for itself and for what it announced below it: no other zone of a run can be spoken for. */
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import {
  assigned,
  attempted,
  given,
  lossOf,
  origin,
  planned,
  ready,
  stagedPlan,
  START,
  zoneReady,
} from "./fixture.ts";

const fact = (zone: string, event: ZoneEvent) =>
  ({ type: "ZoneFact", zone, event, origin: origin(9) }) as const;
const started: RunEvent = { type: "RunStarted", startAt: START };
const underWay = [planned(), assigned, ...ready, started];

describe("a zone that says that another zone's agent is lost", () => {
  const lost: ZoneEvent = { type: "AgentLost", run: "r", loss: { ...lossOf("i1"), zone: "iad" } };

  it("has lost one of its own, for all that root believes", () => {
    const { state } = given(...underWay)
      .when(fact("fra", lost))
      .given();
    expect(state.losses).toMatchObject([{ zone: "fra", agent: "i1" }]);
    expect(state.losses[0]).not.toHaveProperty("via");
  });

  it("is believed of a zone below it that it announced", () => {
    const inner = { agent: "l1", incarnation: 0, workers: 1, host: "h", zone: "lab" };
    const announced = zoneReady("fra") as RunEvent & { type: "ZoneReady" };
    const withLab: RunEvent = { ...announced, members: [...announced.members, inner] };
    const events = [planned(), assigned, withLab, zoneReady("iad"), { type: "RunReady" } as const, started];
    const { state } = given(...events)
      .when(fact("fra", { type: "AgentLost", run: "r", loss: { ...lossOf("l1"), zone: "lab" } }))
      .given();
    expect(state.losses).toMatchObject([{ zone: "lab", via: "fra", agent: "l1" }]);
  });
});

describe("a stage", () => {
  const reported = (agent: string, incarnation = 0): ZoneEvent => ({
    type: "StageReported",
    run: "r",
    stage: "setup",
    agent,
    incarnation,
    value: "forged",
    intervals: 0,
  });
  const asked = given(planned(stagedPlan), assigned, ...ready, attempted("setup"));

  it("is ended by the agent that was asked, and by nobody else", () => {
    expect(asked.when(fact("fra", reported("f2"))).events).toEqual([]);
    expect(asked.when(fact("fra", reported("f1", 1))).events).toEqual([]);
    expect(asked.when(fact("iad", reported("f1"))).events).toEqual([]);
    expect(asked.when(fact("fra", reported("f1"))).events).toMatchObject([
      { type: "StageEnded", stage: "setup", result: "succeeded" },
    ]);
  });
});
