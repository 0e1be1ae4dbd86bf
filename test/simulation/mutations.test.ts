/**
 * Every mistake of the list turns the simulation red: by a law that is named, within its seeds, while the program as it
 * is holds every law in the very same seed. So the laws are not only held, they would notice.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";
import { simulate } from "./simulate.ts";
import { planOf } from "./swarm.ts";

const MAIN = fileURLToPath(new URL("mutant-main.ts", import.meta.url));
const WITHIN_MS = 120_000;
/** Processes at once. */
const TOGETHER = 2;

interface Found {
  readonly seed: number;
  readonly laws: readonly string[];
}

const run = promisify(execFile);

/** The first of its seeds that breaks one of its laws; null when none does. */
async function noticed({ name }: Mutation): Promise<Found | null> {
  const { stdout } = await run(process.execPath, [MAIN, name], { timeout: WITHIN_MS });
  return JSON.parse(stdout) as Found | null;
}

/** Some of them at once, each started when a place is free. */
function startAll(): ReadonlyMap<string, Promise<Found | null>> {
  const lanes = Array.from({ length: TOGETHER }, () => Promise.resolve<unknown>(undefined));
  return new Map(
    MUTATIONS.map((mutation, index) => {
      const before = lanes[index % TOGETHER] ?? Promise.resolve();
      const found = before.then(() => noticed(mutation));
      lanes[index % TOGETHER] = found.catch(() => undefined);
      return [mutation.name, found] as const;
    }),
  );
}

describe("a mistake is noticed:", () => {
  const all = startAll();
  // Each is awaited where it is asked for; until then a failure is not unheard.
  for (const found of all.values()) found.catch(() => undefined);

  it.each(MUTATIONS)("$name", async ({ laws, name, seeds, shape = (plan) => plan }) => {
    const found = await all.get(name);
    const notNoticed = `in seeds ${seeds[0]} to ${seeds.at(-1)} no law noticed it: ${laws.join(", ")}`;
    expect(found, notNoticed).not.toBeNull();
    const seed = found?.seed ?? 0;
    expect(found?.laws.filter((law) => laws.includes(law))).not.toEqual([]);
    expect(judge(await simulate(seed, shape(planOf(seed)))), `seed ${seed} without it`).toEqual([]);
  });
});
