/** How many agents a plan needs by what one was measured to carry. */
import { describe, expect, it } from "vitest";
import { needOf, needOfPlan } from "../../../src/domain/forecast/capacity.ts";
import { agentsByZone } from "../../../src/domain/segment/agents-by-zone.ts";
import { forecastOf } from "../../../src/domain/forecast/forecast.ts";
import { planOf } from "../plan/request.ts";
import { measured } from "./measured.ts";

const load = { vus: 1, vusMax: 1, iterations: null, ratePeak: null };

describe("the agents that a plan needs", () => {
  it("are as many as its peak rate asks for", () => {
    const agents = (ratePeak: number) => needOf({ ...load, ratePeak }, measured).agents;
    expect([agents(1), agents(10_000), agents(10_001), agents(30_000)]).toEqual([1, 1, 2, 3]);
    expect(needOf({ ...load, ratePeak: 30_000 }, measured).by).toBe("rate");
  });

  it("are as many as the memory of its VUs asks for", () => {
    // 0.8 × 1 GB for workers; two of them take 100 MB each, a VU 60 kB.
    const need = (vusMax: number) => needOf({ ...load, vusMax }, measured);
    expect(need(1).vus).toBe(10_000);
    expect([need(10_000).agents, need(10_001).agents, need(10_001).by]).toEqual([1, 2, "memory"]);
  });

  it("are unknown for a rate where none could be measured, and known for loops", () => {
    const perCore = { ...measured.perCore, openPerSecond: null };
    expect(needOf({ ...load, ratePeak: 1 }, { ...measured, perCore })).toMatchObject({
      agents: null,
      openPerSecond: null,
      closedPerSecond: 28_000,
    });
    expect(needOf(load, { ...measured, perCore }).agents).toBe(1);
  });

  it("are so many that each zone has enough for its own part", () => {
    const needed = (perSecond: number, ...weights: readonly number[]) => {
      const load = {
        executor: "constant-arrival-rate",
        rate: perSecond,
        duration: "1m",
        preAllocatedVUs: 20,
      };
      const zones = weights.map((weight, n) => ({ zone: `z${n}`, weight }));
      const plan = planOf({ scenarios: { load } }, { zones, agents: weights.length });
      return needOfPlan(forecastOf(plan), measured).agents;
    };
    expect(needed(20_000, 1)).toBe(2);
    // One carries 10,000/s: 18,000 are for two of them, 2,000 for the third.
    expect(needed(20_000, 9, 1)).toBe(3);
    // 54,000 are for six of them: the first zone has so many once there are eight in all.
    expect(agentsByZone([9, 1], 7)).toEqual([5, 2]);
    expect(needed(60_000, 9, 1)).toBe(8);
    expect(needed(10, 1, 1, 1)).toBe(3);
  });
});
