/** The most that scenarios ask for at once, however short the time. */
import { describe, expect, it } from "vitest";
import { peakOf } from "../../../src/domain/forecast/peak.ts";
import { planOf } from "../plan/request.ts";

const scenariosOf = (...options: readonly object[]) =>
  Object.values(
    planOf({ scenarios: Object.fromEntries(options.map((each, n) => [`s${n}`, each])) }).scenarios,
  );

const ramp = (startRate: number, stages: readonly (readonly [string, number])[], more: object = {}) => ({
  executor: "ramping-arrival-rate",
  startRate,
  preAllocatedVUs: 1,
  stages: stages.map(([duration, target]) => ({ duration, target })),
  ...more,
});
const spike = [
  ["30m", 10],
  ["0s", 30_000],
  ["1s", 30_000],
  ["0s", 10],
  ["30m", 10],
] as const;

describe("the peak of scenarios together", () => {
  it("is exact where it lasts for a second of an hour", () => {
    expect(peakOf(scenariosOf(ramp(10, spike)))).toBe(30_000);
    const vus = { executor: "ramping-vus", startVUs: 1, stages: ramp(0, spike).stages };
    expect(peakOf(scenariosOf(vus))).toBe(30_000);
  });

  it("is where a piece of one meets the middle of another", () => {
    // 0 to 100 in 10 s, and 50 more from 4 s to 6 s: 60 + 50 at its end.
    const [up, flat] = scenariosOf(ramp(0, [["10s", 100]]), {
      executor: "constant-arrival-rate",
      rate: 50,
      duration: "2s",
      startTime: "4s",
      preAllocatedVUs: 1,
    });
    expect(peakOf([up!, flat!])).toBeCloseTo(110, 9);
    expect(peakOf([up!, flat!], [0.5, 0.5])).toBeCloseTo(55, 9);
  });

  it("is not the sum of two that follow each other", () => {
    const each = { executor: "constant-vus", vus: 5, duration: "2s" };
    expect(peakOf(scenariosOf(each, { ...each, startTime: "2s" }))).toBe(5);
    expect(peakOf(scenariosOf(each, { ...each, startTime: "1s" }))).toBe(10);
    expect(peakOf([])).toBe(0);
  });

  it("counts the time unit", () => {
    expect(peakOf(scenariosOf(ramp(60, [["10s", 120]], { timeUnit: "1m" })))).toBe(2);
  });
});
