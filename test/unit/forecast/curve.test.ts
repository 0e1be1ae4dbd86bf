/** Load over time: steady lines are steady however short the step, nothing is counted where a scenario does not run. */
import { describe, expect, it } from "vitest";
import { curveOf, totalOf, weighedOf } from "../../../src/domain/forecast/curve.ts";
import type { Scenario } from "../../../streams/schema/plan.ts";
import { planOf } from "../plan/request.ts";

const scenarioOf = (options: object): Scenario => planOf({ scenarios: { a: options } }).scenarios["a"]!;

const arriving = (rate: number, duration: string, startTime = "0s", timeUnit = "1s") =>
  scenarioOf({ executor: "constant-arrival-rate", rate, timeUnit, duration, startTime, preAllocatedVUs: 1 });

const looping = (vus: number, duration: string, startTime = "0s") =>
  scenarioOf({ executor: "constant-vus", vus, duration, startTime });

describe("a curve", () => {
  it("has a closed scenario's VUs where it runs", () => {
    expect(curveOf(looping(7, "2s", "1s"), 4000, 8)).toEqual([
      undefined,
      undefined,
      7,
      7,
      7,
      7,
      undefined,
      undefined,
    ]);
  });

  it("is level for a steady rate, with many, few or no arrivals in a step", () => {
    for (const [rate, steps] of [
      [1000, 10],
      [10, 63],
      [3, 200],
      [90_000, 7],
    ] as const) {
      const curve = curveOf(arriving(rate, "6s"), 6000, steps);
      expect(curve).toHaveLength(steps);
      for (const value of curve) expect(value! / rate).toBeCloseTo(1, 3);
    }
  });

  it("has a rate below one per second", () => {
    const curve = curveOf(arriving(1, "1m", "0s", "7s"), 60_000, 30);
    for (const value of curve) expect(value).toBeCloseTo(1 / 7, 5);
    expect(curveOf(arriving(1, "10s", "0s", "1m"), 10_000, 2)).toEqual([0.1, 0.1]);
  });

  it("follows a ramp, and has next to nothing where a ramp rests at 0", () => {
    const stages = [
      { duration: "10s", target: 100 },
      { duration: "0s", target: 0 },
      { duration: "10s", target: 0 },
    ];
    const common = { executor: "ramping-arrival-rate", startRate: 0, preAllocatedVUs: 1 };
    const rates = curveOf(scenarioOf({ ...common, stages }), 20_000, 4).map((value) => Math.round(value!));
    expect(rates).toEqual([27, 75, 0, 0]);
    const vus = scenarioOf({ executor: "ramping-vus", startVUs: 4, stages: [{ duration: "4s", target: 0 }] });
    expect(curveOf(vus, 4000, 4)).toEqual([4, 3, 2, 1]);
  });

  it("adds up to what is asked together; scenarios that take turns within a step are not added", () => {
    const [first, second] = [arriving(10, "2s"), arriving(30, "2s", "2s")];
    const weighed = [first, second].map((each) => weighedOf(each, 4000, 5));
    expect(totalOf(weighed).map((value) => Math.round(value!))).toEqual([10, 10, 20, 30, 30]);
  });

  it("is nothing where nothing runs", () => {
    const weighed = [looping(2, "1s"), looping(3, "1s", "3s")].map((each) => weighedOf(each, 4000, 4));
    expect(totalOf(weighed)).toEqual([2, undefined, undefined, 3]);
    expect(totalOf([])).toEqual([]);
  });
});
