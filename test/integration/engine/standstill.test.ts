/** A worker that stood still: what was due meanwhile starts late as far as VUs are free, and is never a burst. */
import { describe, expect, it } from "vitest";
import { arriving, planOf, prepare, runToEnd, totalOf } from "./worker-bench.ts";

/** Iteration 20 holds the event loop; all others are over at once. */
const holding = (ms: number): string => `import { exec } from "loadmesh";
  export default () => {
    if (exec.scenario.iterationInTest !== 20) return;
    for (const until = performance.now() + ${ms}; performance.now() < until;);
  };`;

describe("after a standstill", () => {
  it("starts late what finds a VU that is free, and drops the rest at once", async () => {
    const scenario = { ...arriving(200, 2_000, 30), gracefulStopMs: 20_000 };
    const harness = await prepare(holding(1_500), planOf({ a: scenario }));
    const { dropped, planned, started } = (await runToEnd(harness)).tallies["a"]!;
    expect([planned, started + dropped]).toEqual([400, 400]);
    // 300 were due meanwhile, 30 VUs are there: without the rule, VUs that end at once would take all of them.
    expect(dropped).toBeGreaterThanOrEqual(260);
    expect(totalOf(harness.frames, "dropped_iterations")).toBe(dropped);
    expect(totalOf(harness.frames, "dropped_iterations", { reason: "late" })).toBe(0);
    // The VUs are enough, but for that moment.
    expect(harness.warnings).toEqual([]);
  });

  it("drops as late what is overdue by more than 5 s, although VUs are free", async () => {
    const scenario = { ...arriving(100, 1_000, 100), gracefulStopMs: 20_000 };
    const harness = await prepare(holding(6_500), planOf({ a: scenario }));
    const { dropped, planned, started } = (await runToEnd(harness)).tallies["a"]!;
    expect([planned, started + dropped]).toEqual([100, 100]);
    expect(totalOf(harness.frames, "dropped_iterations", { reason: "late" })).toBe(dropped);
    expect(dropped).toBeGreaterThanOrEqual(70);
  });

  it("starts nothing once gracefulStop is over", async () => {
    const scenario = { ...arriving(100, 1_000, 100), gracefulStopMs: 200 };
    const harness = await prepare(holding(1_800), planOf({ a: scenario }));
    const { dropped, planned, started } = (await runToEnd(harness)).tallies["a"]!;
    expect([planned, started + dropped]).toEqual([100, 100]);
    expect(dropped).toBeGreaterThanOrEqual(70);
  });
});
