/** Chance follows from seed, scenario and global index: however many workers run a plan, its requests are the same. */
import { expect, it } from "vitest";
import type { Plan } from "../../../streams/schema/plan.ts";
import { arriving, planOf, prepare, runToEnd, shared, startTarget } from "./worker-bench.ts";

const SCRIPT = `
  import { http, randomIntBetween, randomItem, sleep, uuidv4 } from "loadmesh";
  const get = (...parts) => http.get([__ENV.TARGET_URL, ...parts].join("/"), { tags: { name: "n" } });
  export default async () => {
    await get("first", randomIntBetween(1, 1000), randomItem(["a", "b"]));
    await sleep(Math.random() / 100);
    await get("second", Math.floor(Math.random() * 1e9), uuidv4());
  };`;

async function requestsOf(workers: number, plan: Plan): Promise<readonly string[]> {
  const target = await startTarget();
  const weights = Array.from({ length: workers }, () => 1);
  const run = async (index: number) => {
    const harness = await prepare(SCRIPT, plan, {
      env: { TARGET_URL: target.url },
      share: [{ weights, index }],
    });
    const end = await runToEnd(harness);
    await harness.worker.kill();
    return end;
  };
  const ends = await Promise.all(weights.map((_, index) => run(index)));
  for (const name of Object.keys(plan.scenarios)) {
    const tallies = ends.map(({ tallies }) => tallies[name]);
    const sum = (of: "planned" | "completed") => tallies.reduce((all, tally) => all + (tally?.[of] ?? 0), 0);
    expect(sum("completed"), JSON.stringify(tallies)).toBe(sum("planned"));
  }
  return [...target.counts].map(([path, count]) => `${count} ${path}`).toSorted();
}

it(
  "1, 3 and 17 workers send the same multiset of requests, and another seed sends others",
  {
    timeout: 180_000,
  },
  async () => {
    // A VU for each arrival, and time: none is dropped or cut on a machine that stands still for a moment.
    const arrivals = { ...arriving(60, 1_000, 60), gracefulStopMs: 20_000 };
    const scenarios = { some: shared(34, 100), arrivals };
    const plan = planOf(scenarios);
    const alone = await requestsOf(1, plan);
    expect(alone.length).toBeGreaterThan(300);
    expect(await requestsOf(3, plan)).toEqual(alone);
    expect(await requestsOf(17, plan)).toEqual(alone);
    const other = await requestsOf(1, planOf({ some: shared(1, 10) }, { seed: 2 }));
    expect(other.filter((request) => alone.includes(request) && request.includes("second"))).toEqual([]);
  },
);
