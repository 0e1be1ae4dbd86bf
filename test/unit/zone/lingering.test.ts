/** A run that is over, of which an agent was lost: until when that agent may still send. */
import { describe, expect, it } from "vitest";
import { evolve } from "../../../src/domain/zone/evolve.ts";
import { lingersUntil } from "../../../src/domain/zone/lingering.ts";
import { newZone, type ZoneState } from "../../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { planOf } from "../plan/request.ts";
import { assigned, divided, joined, started } from "./fixture.ts";

const lost = (lastWindow: number, zone?: string): ZoneEvent => ({
  type: "AgentLost",
  run: "r",
  loss: {
    agent: "a1",
    ...(zone === undefined ? {} : { zone }),
    incarnation: 0,
    reason: "it was not heard",
    tallies: {},
    intervals: 0,
    lastWindow,
  },
});
/** Four windows, the five seconds of onSilence here, and ten more. */
const SILENT_S = 4 + 5 + 10;
const START_US = 1_000_000_000;
const begun: readonly ZoneEvent[] = [
  started,
  joined("a1"),
  joined("a2"),
  assigned(),
  divided,
  { type: "ShareStarted", run: "r", startAt: START_US, zoneStartAt: START_US },
];
const after = (...events: readonly ZoneEvent[]): ZoneState => [...begun, ...events].reduce(evolve, newZone);
const untilS = ({ agents, shares }: ZoneState) => {
  const until = shares["r"] && lingersUntil(shares["r"], agents);
  return until === undefined ? undefined : (until - START_US) / 1_000_000;
};
const forgotten: ZoneEvent = { type: "ShareForgotten", run: "r" };

describe("a run that is over", () => {
  it("does not linger when nobody was lost", () => {
    expect(untilS(after(forgotten))).toBeUndefined();
  });

  it.each([
    ["finish", "until the planned end at most: a minute, 30 s to end", 60 + 30],
    [{ stop: "20s" }, "no longer than onSilence after the last that is known of the agent", 10 + 20],
  ])("lingers with onSilence %j %s, and 10 s more", (onSilence, _, untilEndS) => {
    const own = planOf({ vus: 30, duration: "1m", onSilence });
    const events = begun.map((event) => (event.type === "ShareAssigned" ? { ...event, plan: own } : event));
    expect(untilS([...events, lost(9), forgotten].reduce(evolve, newZone))).toBe(untilEndS + 10);
    // Of an agent of which nothing is known, not even when.
    expect(untilS([...events, lost(-1), forgotten].reduce(evolve, newZone))).toBe(60 + 30 + 10);
  });

  it("lingers with agents of zones below, too, and not with one that is back", () => {
    expect(untilS(after(lost(3, "lab"), forgotten))).toBe(SILENT_S);
    expect(untilS(after(lost(3), forgotten, joined("a1", 2, 1)))).toBeUndefined();
  });

  it("is remembered when other runs come and go", () => {
    const others = ["s", "t"].flatMap((run): readonly ZoneEvent[] => [
      assigned(2, run),
      { type: "ShareForgotten", run },
    ]);
    expect(untilS(after(lost(3), forgotten, ...others))).toBe(SILENT_S);
    expect(Object.keys(after(forgotten, ...others).shares)).toEqual(["t"]);
  });
});
