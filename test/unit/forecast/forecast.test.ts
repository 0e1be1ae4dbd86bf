/** What a plan will do: times, peaks, and what falls to zones and agents, whose parts sum to the whole. */
import { describe, expect, it } from "vitest";
import { forecastOf } from "../../../src/domain/forecast/forecast.ts";
import { planOf } from "../plan/request.ts";

const scenarios = {
  browse: { executor: "constant-vus", vus: 10, duration: "1m", exec: "look", gracefulStop: "5s" },
  buy: {
    executor: "constant-arrival-rate",
    rate: 100,
    duration: "30s",
    startTime: "40s",
    preAllocatedVUs: 9,
    maxVUs: 30,
    gracefulStop: "1s",
  },
};
const changes = {
  exports: ["default", "look"],
  zones: [
    { zone: "eu", weight: 2 },
    { zone: "us", weight: 1 },
  ],
  agents: 4,
};
const forecast = forecastOf(planOf({ scenarios }, changes));

describe("a forecast", () => {
  it("has the load and the times of each scenario", () => {
    expect(forecast.scenarios).toEqual([
      {
        name: "browse",
        executor: "constant-vus",
        exec: "look",
        model: "closed",
        startMs: 0,
        durationMs: 60_000,
        gracefulStopMs: 5000,
        vus: 10,
        vusMax: 10,
        iterations: null,
        ratePeak: null,
      },
      {
        name: "buy",
        executor: "constant-arrival-rate",
        exec: "default",
        model: "open",
        startMs: 40_000,
        durationMs: 30_000,
        gracefulStopMs: 1000,
        vus: 9,
        vusMax: 30,
        iterations: 3000,
        ratePeak: expect.closeTo(100, 3) as number,
      },
    ]);
  });

  it("ends with the last scenario, and at the latest after its gracefulStop", () => {
    expect([forecast.durationMs, forecast.latestMs]).toEqual([70_000, 71_000]);
  });

  it("has peaks and sums of the whole", () => {
    const { iterations, ratePeak, vus, vusMax } = forecast;
    expect({ iterations, vus, vusMax }).toEqual({ iterations: 3000, vus: 19, vusMax: 40 });
    expect(ratePeak).toBeCloseTo(100, 3);
  });

  it("divides by weight among zones, and equally among the agents of each", () => {
    const rows = forecast.zones.map(({ agents, iterations, ratePeak, vus, vusMax, zone }) => {
      return [zone, agents, vus, vusMax, iterations, Math.round(ratePeak ?? -1)];
    });
    expect(rows).toEqual([
      ["eu", 2, 13, 27, 2000, 67],
      ["us", 2, 6, 13, 1000, 33],
    ]);
    const halves = forecast.zones.map(({ agent: { least, most } }) => [
      least.vusMax + most.vusMax,
      (least.iterations ?? 0) + (most.iterations ?? 0),
    ]);
    expect(halves).toEqual([
      [27, 2000],
      [13, 1000],
    ]);
  });

  it("has no rate without the open model, and no iterations where VUs loop by time", () => {
    const { iterations, ratePeak, zones } = forecastOf(planOf({ vus: 3, duration: "10s" }));
    expect([iterations, ratePeak, zones[0]?.ratePeak, zones[0]?.iterations]).toEqual(Array(4).fill(null));
  });

  it("counts the iterations of closed scenarios that have a number of them", () => {
    expect(forecastOf(planOf({ vus: 3, iterations: 50 })).iterations).toBe(50);
  });
});
