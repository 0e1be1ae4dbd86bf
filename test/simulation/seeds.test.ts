/**
 * The whole mesh in virtual time, seed after seed: whatever goes wrong, every law holds. A failure names its seed and
 * the command that replays it. `MESH_SIM_SEEDS=1000` runs more of them, `MESH_SIM_SEED=42` one.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { Violation } from "./auditor/evidence.ts";
import { Coverage } from "./coverage.ts";
import { coverageTable } from "./coverage-table.ts";
import { judge } from "./judge.ts";
import { type Simulated, simulate } from "./simulate.ts";

const TOGETHER = 10;
const LINES_SHOWN = 40;
const VIOLATIONS_SHOWN = 8;
/** With so many seeds every kind of fault must have struck. */
const SEEDS_IN_CI = 200;
const COVERAGE_FILE = new URL("COVERAGE.md", import.meta.url);

const single = process.env["MESH_SIM_SEED"];
const count = Number(process.env["MESH_SIM_SEEDS"] ?? SEEDS_IN_CI);
const seeds =
  single === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(single)];

const groups = Array.from({ length: Math.ceil(seeds.length / TOGETHER) }, (_, index) => {
  const own = seeds.slice(index * TOGETHER, (index + 1) * TOGETHER);
  return { own, from: own[0] ?? 0, to: own.at(-1) ?? 0 };
});

const coverage = new Coverage();

/** Fails with all that is needed to see what happened, and to see it again. */
function hold(seed: number, simulated: Simulated, violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const { trace } = simulated;
  const shown = process.env["MESH_SIM_TRACE"] === undefined ? trace.slice(-LINES_SHOWN) : trace;
  const laws = violations.slice(0, VIOLATIONS_SHOWN).map(({ law, message }) => `  law "${law}": ${message}`);
  throw new Error(
    [
      `seed ${seed} breaks ${violations.length === 1 ? "a law" : `laws (${violations.length} times)`}`,
      `replay it with: npm run test:sim -- --seed ${seed}`,
      ...laws,
      `the end of its trace (all of it: npm run test:sim -- --seed ${seed} --trace):`,
      ...shown,
    ].join("\n"),
  );
}

const run = async (seed: number): Promise<Simulated> => {
  const simulated = await simulate(seed);
  coverage.add(simulated.coverage);
  hold(seed, simulated, judge(simulated));
  return simulated;
};

describe("simulation", () => {
  it.each(groups)("holds every law in seeds $from to $to", async ({ own }) => {
    for (const seed of own) await run(seed);
  });

  it.runIf(single === undefined && count >= SEEDS_IN_CI)("has struck with every kind of fault", () => {
    expect(coverage.missing).toEqual([]);
  });

  it.runIf(single === undefined && count === SEEDS_IN_CI)("is what COVERAGE.md says", () => {
    const table = coverageTable(coverage, count);
    if (process.env["MESH_SIM_COVERAGE"] !== undefined) writeFileSync(COVERAGE_FILE, table);
    // What strikes where changes with every change of a role; which kinds of events are struck at all should not shrink.
    expect(
      coveredIn(readFileSync(COVERAGE_FILE, "utf8")).filter((kind) => !coveredIn(table).includes(kind)),
    ).toEqual([]);
  });

  afterAll(() => {
    if (single === undefined) console.info(coverage.summary);
  });
});

/** The kinds of fault that a table has a row for. */
const coveredIn = (table: string): readonly string[] =>
  [...table.matchAll(/^\| ([a-z-]+) +\|/gm)].map(([, kind = ""]) => kind);

describe("a seed", () => {
  const hashOf = ({ trace }: Simulated) => createHash("sha256").update(trace.join("\n")).digest("hex");

  it.runIf(single === undefined)("decides everything", async () => {
    const [once, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    expect(hashOf(again)).toBe(hashOf(once));
    expect(hashOf(other)).not.toBe(hashOf(once));
    expect(once.trace.length).toBeGreaterThan(500);
  });
});
