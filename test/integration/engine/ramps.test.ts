/** A worker under ramping-vus and ramping-arrival-rate: who is at work when, what is cut, and which slots start. */
import { describe, expect, it } from "vitest";
import type { Scenario } from "../../../streams/schema/plan.ts";
import { planOf, prepare, runToEnd, startTarget, totalOf } from "./worker-bench.ts";

const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 20_000, env: {}, tags: {} };

type Stages = Extract<Scenario, { executor: "ramping-vus" }>["stages"];

const ramp = (startVus: number, stages: Stages, gracefulRampDownMs = 20_000): Scenario => ({
  executor: "ramping-vus",
  ...common,
  startVus,
  stages,
  gracefulRampDownMs,
});

const rest = (durationMs: number, target: number) => ({ durationMs, target });
const SLEEP = (seconds: number) =>
  `import { sleep } from "loadmesh"; export default () => sleep(${seconds});`;

describe("ramping VUs", () => {
  it("come one after the other, and go when they are not wanted", async () => {
    const stages: Stages = [rest(600, 4), rest(400, 4), rest(600, 0)];
    const harness = await prepare(SLEEP(0.01), planOf({ a: ramp(0, stages) }));
    const end = await runToEnd(harness);
    const { completed = 0, dropped, interrupted, started } = end.tallies["a"] ?? {};
    expect([dropped, interrupted, started]).toEqual([0, 0, completed]);
    expect(totalOf(harness.frames, "vus_initialised")).toBe(4);
    const levels = harness.frames.map((_, n) => {
      const frames = harness.frames.slice(0, n + 1);
      return totalOf(frames, "vus_added") - totalOf(frames, "vus_removed");
    });
    expect(Math.max(...levels)).toBe(4);
    expect(levels.at(-1)).toBe(0);
    const top = levels.indexOf(4);
    expect(levels.slice(0, top + 1)).toEqual(levels.slice(0, top + 1).toSorted((a, b) => a - b));
    expect(levels.slice(top)).toEqual(levels.slice(top).toSorted((a, b) => b - a));
  });

  it("may end their iteration within gracefulRampDown, and are cut after it", async () => {
    // Three leave at 1 s; the one that stays and the other two have nothing that is ever answered.
    const target = await startTarget((_request, response) => {
      if (target.total() > 4) response.end("ok");
    });
    const stages: Stages = [rest(1_000, 4), rest(0, 1), rest(400, 1), rest(0, 2), rest(400, 2), rest(0, 0)];
    const harness = await prepare(
      `import { http } from "loadmesh"; export default () => http.get(__ENV.TARGET_URL);`,
      planOf({ a: ramp(4, stages, 100) }, { requestTimeoutMs: 60_000 }),
      { env: { TARGET_URL: target.url } },
    );
    const { completed, interrupted, planned, started } = (await runToEnd(harness)).tallies["a"]!;
    // Three at 1.1 s, the first VU at 1.9 s; the second VU came back with connections that work.
    expect(interrupted).toBe(4);
    expect(completed).toBeGreaterThanOrEqual(1);
    expect([planned, completed + interrupted]).toEqual([started, started]);
    expect(target.total()).toBe(started);
  });

  it.each([
    { graceMs: 20_000, ends: { started: 2, completed: 2, interrupted: 0 } },
    { graceMs: 100, ends: { started: 2, completed: 1, interrupted: 1 } },
  ])("that are wanted again within a grace of $graceMs ms simply go on", async ({ graceMs, ends }) => {
    const stages: Stages = [rest(1_000, 1), rest(0, 0), rest(400, 0), rest(0, 1), rest(1_000, 1)];
    const harness = await prepare(SLEEP(2), planOf({ a: ramp(1, stages, graceMs) }));
    expect((await runToEnd(harness)).tallies["a"]).toMatchObject(ends);
  });

  it("are cut by gracefulStop, however long the grace of the ramp is", async () => {
    const scenario = { ...ramp(2, [rest(1_000, 2), rest(0, 0)]), gracefulStopMs: 100 };
    const harness = await prepare(SLEEP(60), planOf({ a: scenario }));
    expect((await runToEnd(harness)).tallies["a"]).toMatchObject({ started: 2, interrupted: 2 });
  });
});

describe("ramping arrivals", () => {
  it("are all started, over two workers exactly", async () => {
    const target = await startTarget();
    const plan = planOf({
      a: {
        executor: "ramping-arrival-rate",
        ...common,
        startRate: 0,
        timeUnitMs: 1_000,
        stages: [rest(600, 300), rest(400, 300), rest(200, 0)],
        preAllocatedVus: 240,
        maxVus: 240,
      },
    });
    const script = `import { exec, http } from "loadmesh";
      export default () => http.get(__ENV.TARGET_URL + "/" + exec.scenario.iterationInTest, { tags: { name: "n" } });`;
    const env = { TARGET_URL: target.url };
    const weights = [2, 1];
    const ends = await Promise.all(
      weights.map(async (_weight, index) =>
        runToEnd(await prepare(script, plan, { env, share: [{ weights, index }] })),
      ),
    );
    expect(ends.map(({ tallies }) => tallies["a"]?.completed)).toEqual([160, 80]);
    const paths = [...target.counts.keys()].map((key) => Number(key.replace("GET /", "")));
    expect(paths.toSorted((a, b) => a - b)).toEqual([...Array(240).keys()]);
  });
});
