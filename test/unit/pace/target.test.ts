import { describe, expect, it } from "vitest";
import { arrivalsDue, progressOf, vusWanted } from "../../../src/domain/pace/target.ts";
import type { Scenario } from "../../../streams/schema/plan.ts";
import { planOf } from "../plan/request.ts";

const scenario = (options: Record<string, unknown>): Scenario =>
  planOf({ scenarios: { s: options } }).scenarios["s"] as Scenario;

const arriving = scenario({
  executor: "constant-arrival-rate",
  rate: 50,
  duration: "10s",
  startTime: "2s",
  preAllocatedVUs: 5,
});
const looping = scenario({ executor: "constant-vus", vus: 7, duration: "10s", startTime: "2s" });
const counted = scenario({ executor: "shared-iterations", vus: 3, iterations: 200, maxDuration: "100s" });

const stages = [
  { duration: "4s", target: 8 },
  { duration: "2s", target: 8 },
  { duration: "4s", target: 0 },
];
const rampingVus = scenario({ executor: "ramping-vus", startVUs: 0, stages, startTime: "2s" });
const rampingRate = scenario({ executor: "ramping-arrival-rate", stages, preAllocatedVUs: 5 });

describe("the target of a plan", () => {
  it("is the arrivals that are due, from the scenario's start to its end", () => {
    expect([0, 2000, 3000, 12_000, 60_000].map((ms) => arrivalsDue(arriving, ms))).toEqual([
      0, 0, 50, 500, 500,
    ]);
    expect(arrivalsDue(looping, 5000)).toBeUndefined();
  });

  it("is the VUs of the closed model while its scenario lasts", () => {
    expect([0, 2000, 11_999, 12_000].map((ms) => vusWanted(looping, ms))).toEqual([0, 7, 7, 0]);
    expect(vusWanted(arriving, 5000)).toBeUndefined();
  });

  it("is the staircase of VUs that ramp, and the area under a rate that does", () => {
    const instants = [0, 2000, 2499, 2500, 4000, 6000, 8000, 8001, 8501, 11_999, 12_000];
    expect(instants.map((ms) => vusWanted(rampingVus, ms))).toEqual([0, 0, 0, 1, 4, 8, 8, 8, 7, 1, 0]);
    // t²: 2 × t² / 2 a second up to 16, 8/s up to 32, and the rest of 16, the last at the very end.
    const times = [0, 1000, 1001, 2001, 4001, 5001, 6001, 10_000, 20_000];
    expect(times.map((ms) => arrivalsDue(rampingRate, ms))).toEqual([0, 0, 1, 4, 16, 24, 32, 47, 48]);
    expect([vusWanted(rampingRate, 5000), arrivalsDue(rampingVus, 5000)]).toEqual([undefined, undefined]);
  });

  it("is reached by time, or by iterations where their number ends it", () => {
    expect(progressOf(looping, 7000, 0)).toBe(0.5);
    expect(progressOf(looping, 1000, 0)).toBe(0);
    expect(progressOf(counted, 10_000, 150)).toBe(0.75);
    expect(progressOf(arriving, 99_000, 0)).toBe(1);
  });
});
