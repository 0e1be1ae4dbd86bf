import { describe, expect, it } from "vitest";
import {
  arriving,
  looping,
  orLost,
  planOf,
  prepare,
  runToEnd,
  shared,
  soon,
  startTarget,
  totalOf,
} from "./worker-bench.ts";

describe("the open model", () => {
  it("drops at once what finds no free VU, grows to maxVUs, and warns once", async () => {
    const harness = await prepare(
      `import { sleep } from "loadmesh"; export default () => sleep(0.4);`,
      planOf({ a: arriving(50, 1_000, 1, 5) }),
    );
    const end = await runToEnd(harness);
    const tally = end.tallies["a"];
    expect(tally?.planned).toBe(50);
    expect((tally?.completed ?? 0) + (tally?.interrupted ?? 0) + (tally?.dropped ?? 0)).toBe(50);
    // 5 VUs × 0.4 s per iteration: at most 3 rounds start within the second.
    expect(tally?.started).toBeGreaterThanOrEqual(6);
    expect(tally?.started).toBeLessThanOrEqual(15);
    expect(totalOf(harness.frames, "dropped_iterations")).toBe(tally?.dropped);
    expect(totalOf(harness.frames, "iteration_duration_intended")).toBe(tally?.completed);
    expect(harness.warnings).toHaveLength(1);
    // 50/s × 0.4 s and a little: iterations never take less.
    expect(harness.warnings[0]).toMatch(
      /^Insufficient VUs: scenario "a" has reached maxVUs \(5\) .* 50 iterations\/s .* needs about [2-9]\d VUs\. /,
    );
  });

  it("starts every planned iteration when VUs suffice, over two workers exactly", async () => {
    const target = await startTarget();
    const plan = planOf({ a: arriving(301, 1_000, 301) });
    const script = `import { exec, http } from "loadmesh";
      export default () => http.get(__ENV.TARGET_URL + "/" + exec.scenario.iterationInTest, { tags: { name: "n" } });`;
    const env = { TARGET_URL: target.url };
    const weights = [2, 1];
    const ends = await Promise.all(
      weights.map(async (_weight, index) => {
        const harness = await prepare(script, plan, { env, share: [{ weights, index }] });
        return (await runToEnd(harness)).tallies["a"];
      }),
    );
    // A VU for every iteration: a machine that stands still for a moment starts the overdue ones in one burst.
    expect(ends.reduce((sum, tally) => sum + (tally?.completed ?? 0), 0)).toBe(301);
    expect(ends.map((tally) => tally?.dropped)).toEqual([0, 0]);
    const paths = [...target.counts.keys()]
      .map((key) => Number(key.replace("GET /", "")))
      .sort((a, b) => a - b);
    expect(paths).toEqual([...Array(301).keys()]);
  });
});

describe("stopping", () => {
  it("cuts running iterations at once, declares their requests, and balances the ledger", async () => {
    const target = await startTarget(() => undefined);
    const harness = await prepare(
      `import { http } from "loadmesh"; export default () => http.get(__ENV.TARGET_URL);`,
      planOf({ a: shared(4, 10) }),
      { env: { TARGET_URL: target.url } },
    );
    await harness.worker.init(harness.assignment);
    const arrived = new Promise<void>((resolve) => {
      target.server.on("request", () => target.total() === 4 && resolve());
    });
    harness.worker.start(soon(), undefined);
    await arrived;
    harness.worker.stop();
    const end = await orLost(harness, harness.worker.ended);
    expect(end.stopped).toBe(true);
    expect(end.tallies["a"]).toEqual({ planned: 10, started: 4, completed: 0, interrupted: 4, dropped: 6 });
    expect(end.interruptedRequests).toBe(4);
    expect(totalOf(harness.frames, "http_reqs")).toBe(0);
    expect(totalOf(harness.frames, "iterations_interrupted")).toBe(4);
  });

  it("lets running iterations end when draining", async () => {
    const harness = await prepare(
      `import { sleep } from "loadmesh"; export default () => sleep(0.5);`,
      planOf({ a: looping(3, 20_000) }),
    );
    await harness.worker.init(harness.assignment);
    const started = new Promise<void>((resolve) => harness.worker.onFrame(() => resolve()));
    harness.worker.start(soon(), undefined);
    await started;
    harness.worker.stop("drain");
    const end = await orLost(harness, harness.worker.ended);
    expect(end.tallies["a"]).toEqual({ planned: 3, started: 3, completed: 3, interrupted: 0, dropped: 0 });
  });

  it("interrupts what gracefulStop does not suffice for", async () => {
    const scenario = { ...looping(2, 1_000), gracefulStopMs: 100 };
    const harness = await prepare(
      `import { sleep } from "loadmesh"; export default () => sleep(60);`,
      planOf({ a: scenario }),
    );
    const end = await runToEnd(harness);
    expect(end.tallies["a"]).toEqual({ planned: 2, started: 2, completed: 0, interrupted: 2, dropped: 0 });
    expect(end.stopped).toBe(false);
  });

  it("is asked for once by a script that calls abort()", async () => {
    const harness = await prepare(
      `import { abort } from "loadmesh"; export default () => abort("enough " + __VU);`,
      planOf({ a: looping(1, 20_000) }),
    );
    const end = await runToEnd(harness);
    expect(harness.aborts).toEqual(["enough 1"]);
    expect(end.tallies["a"]).toMatchObject({ started: 1, interrupted: 1 });
  });

  it("keeps a VU that never waits from starving the worker", async () => {
    const harness = await prepare(`export default () => {};`, planOf({ a: looping(2, 1_000) }));
    const end = await runToEnd(harness);
    expect(end.tallies["a"]?.completed).toBeGreaterThan(1_000);
    expect(harness.frames.length).toBeGreaterThanOrEqual(5);
    expect(totalOf(harness.frames, "iterations")).toBe(end.tallies["a"]?.completed);
  });
});

describe("minIterationDuration", () => {
  it("lets a VU wait for what is left of it, which is no part of the iteration's time", async () => {
    const plan = planOf({ a: looping(2, 1_000) }, { minIterationDurationMs: 300 });
    const harness = await prepare(`export default () => undefined;`, plan);
    const { tallies } = await runToEnd(harness);
    // Each VU begins one at 0, 300, 600 and 900 ms, at most.
    expect(tallies["a"]?.completed).toBeGreaterThanOrEqual(2);
    expect(tallies["a"]?.completed).toBeLessThanOrEqual(8);
    expect(tallies["a"]?.interrupted).toBe(0);
  });
});
