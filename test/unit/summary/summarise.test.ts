/** The summary of runs that did not go as planned. */
import { describe, expect, it } from "vitest";
import { metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import { planOf } from "../plan/request.ts";
import {
  attempted,
  finishOf,
  given,
  person,
  running,
  stopping,
  type Zone,
  zoneFinished,
} from "../run/fixture.ts";

const plan = planOf(
  { scenarios: { s: { executor: "shared-iterations", vus: 6, iterations: 60 } } },
  {
    zones: [
      { zone: "fra", weight: 2 },
      { zone: "iad", weight: 1 },
    ],
    agents: 3,
  },
);

describe("summary of a run that was stopped in the moment before its start", () => {
  const unbegun = (zone: Zone, ...agents: readonly string[]) => {
    const finishes = agents.map((agent) => ({ ...finishOf(agent), intervals: 0, endedAt: 0, whole: false }));
    return Object.assign(zoneFinished(zone), { agents: finishes, intervals: 0 });
  };

  it("balances: all that was planned was dropped", () => {
    const { state } = given(
      ...running(plan),
      stopping(person),
      unbegun("fra", "f1", "f2"),
      unbegun("iad", "i1"),
    );
    const { document } = summarise("r", state, metricsFor(state));
    expect(document.completeness.mismatches).toEqual([]);
    expect(document.ledger.total).toEqual({
      planned: 60,
      completed: 0,
      interrupted: 0,
      dropped: 60,
      lost: 0,
    });
    expect(document).toMatchObject({ exitCode: 105, durationMs: 0 });
  });
});

describe("summary of a run with intervals that could not be counted", () => {
  it("is invalid, and says where and why", () => {
    const of = (intervals: number) => ({ intervals, reason: "they did not arrive" });
    const agents = [{ ...finishOf("f1"), aside: of(1) }, finishOf("f2")];
    const { state } = given(
      ...running(plan),
      Object.assign(zoneFinished("fra"), { agents, aside: of(2) }),
      zoneFinished("iad"),
    );
    const { document } = summarise("r", state, metricsFor(state));
    expect(document.completeness.mismatches).toContain(
      "Zone fra could not count 2 intervals: they did not arrive",
    );
    expect(document.completeness.mismatches).toContain(
      "Agent f1 could not count 1 interval: they did not arrive",
    );
    expect(document.exitCode).toBe(97);
  });

  it("says it of a teardown, too, also when its zone has stated the load anew since then", () => {
    const lost = (intervals: number) => ({
      intervals,
      reason: `${intervals} did not arrive`,
      missing: intervals,
    });
    const stage = "teardown" as const;
    const { state } = given(
      ...running({ ...plan, hasTeardown: true }),
      Object.assign(zoneFinished("fra"), { awaits: ["lab"] }),
      zoneFinished("iad"),
      attempted(stage),
      { type: "StageEnded", stage, result: "succeeded", intervals: 12, aside: lost(1) },
      Object.assign(zoneFinished("fra"), { intervals: 13, aside: lost(2) }),
    );
    const { document } = summarise("r", state, metricsFor(state));
    const lines = document.completeness.mismatches.filter((line) => line.includes("could not count"));
    expect(lines).toEqual([
      "Zone fra could not count 2 intervals: 2 did not arrive",
      "Zone fra could not count 1 interval: 1 did not arrive",
    ]);
  });
});
