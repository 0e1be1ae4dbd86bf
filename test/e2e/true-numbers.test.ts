/**
 * The merged number is right: what independent witnesses saw equals what the report says, bit by bit, also when links
 * are slow and processes are killed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import { reportedAt } from "../oracle/quantiles.ts";
import { collectOutput } from "../support/child-output.ts";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { startLink } from "../support/link.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

const env = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([name, value]) => ["--env", `${name}=${value}`]);

/** The target's counts by scenario: the first word of the path. */
async function seenBy(target: CountingTarget): Promise<Record<string, number>> {
  const { paths } = await target.stats();
  const seen: Record<string, number> = {};
  for (const [path, count] of Object.entries(paths)) {
    const scenario = path.split("/")[1] ?? "";
    seen[scenario] = (seen[scenario] ?? 0) + count;
  }
  return seen;
}

/** Every scenario of `mixed.ts` that ran `seconds` with nobody lost: to the last request. */
async function expectExact(document: SummaryDocument, target: CountingTarget, seconds: number) {
  expectBalanced(document);
  expect(document.completeness.mismatches).toEqual([]);
  const { total } = await target.stats();
  expect(countOf(document, "http_reqs")).toBe(total);
  const { scenarios } = document.ledger;
  expect(scenarios["open"]).toMatchObject({ planned: 100 * seconds, interrupted: 0, lost: 0 });
  expect(scenarios["shared"]).toMatchObject({ planned: 333, completed: 333 });
  expect(scenarios["each"]).toMatchObject({ planned: 88, completed: 88 });
  const completed = Object.entries(scenarios).map(([name, line]) => [name, line.completed]);
  expect(Object.fromEntries(completed)).toEqual(await seenBy(target));
}

describe("what the target counted", () => {
  it("is what the report counts, over two zones and four agents, open and closed models mixed", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const where = ["--zones", "a,b", "--agents", "4", "--json"];
    const exit = await home.run(["run", script("mixed"), ...where, ...env({ TARGET_URL: target.url })]);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    await expectExact(document, target, 3);
    expect(Object.keys(document.ledger.agents)).toEqual(["a-1", "a-2", "b-1", "b-2"]);
  });

  it("is what the report counts also when what one agent sends arrives 3 s late", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
    await using link = await startLink(mesh.nats.url);
    const slow = ["agent", "--zone", "a", "--name", "a2", "--cores", "1", "--nats", link.at];
    await mesh.home.start(slow).stderr.line(/joined zone/, 20_000);
    const load = ["--zones", "a=2,b", "--agents", "3", ...env({ TARGET_URL: target.url, SECONDS: "12" })];
    const run = mesh.home.start(["run", script("mixed"), ...mesh.where, ...load, "--json"]);
    await run.stderr.line(/^1s\/12s/, 20_000);
    await link.set({ delayMs: 3000, growth: 0.5, way: "out" });
    const exit = await run.exit(60_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    await expectExact(document, target, 12);
    expect(document.completeness).toMatchObject({ agents: { finished: 3, lost: [] } });
    // Nobody waited for it: its windows were closed without it, and what came later was added.
    expect(document.completeness.windows.complete).toBe(document.completeness.windows.total);
  });
});

/** Starts the raw-sample logger; its log is in a folder of its own. */
async function startRawTarget() {
  const folder = mkdtempSync(join(tmpdir(), "mesh-oracle-"));
  const log = join(folder, "samples");
  const main = join(import.meta.dirname, "../oracle/raw-target-main.ts");
  const child = spawn(process.execPath, [main, log, "7"], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [url] = await collectOutput(child.stdout, "raw target").line(/^http:\S+$/, 5_000);
  return {
    url,
    /** Everything it answered with, µs, ascending. */
    samples: () =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map(Number)
        .toSorted((a, b) => a - b),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe("quantiles", () => {
  it("of 100,000 heavy-tailed samples are those of the oracle's buckets, merged over two zones", async () => {
    await using target = await startRawTarget();
    await using home = createMeshHome();
    const load = ["--zones", "a,b", "--agents", "4", "--json", ...env({ TARGET_URL: target.url })];
    const exit = await home.run(["run", script("heavy-tail"), ...load], { boundMs: 100_000 });
    expect(exit.code, exit.stderr).toBe(0);
    const samples = target.samples();
    const { values } = documentOf(exit).metrics["drawn"] ?? {};
    const quantiles = [50, 90, 99, 99.9].map((percent) => [
      `p(${percent})`,
      reportedAt(samples, percent) / 1000,
    ]);
    const [min = 0, max = 0] = [samples[0], samples.at(-1)];
    expect(values).toEqual({
      count: 100_000,
      min: min / 1000,
      max: max / 1000,
      ...Object.fromEntries(quantiles),
    });
  });
});

describe("a kill -9", () => {
  it("of root and of a zone in one run, both started again, changes no number, and the replay is the same", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1", "a2"], b: ["b1"] });
    const load = ["--zones", "a=2,b", "--agents", "3", ...env({ TARGET_URL: target.url, SECONDS: "8" })];
    const run = mesh.home.start(["run", script("mixed"), ...mesh.where, ...load, "--json"]);
    await run.stderr.line(/^1s\/8s/, 20_000);
    mesh.zones.get("a")?.signal("SIGKILL");
    const zone = mesh.home.start(["zone", "a", ...mesh.where]);
    await zone.stderr.line(/incarnation 2$/, 10_000);
    mesh.roots[0]?.signal("SIGKILL");
    const root = mesh.home.start(["root", ...mesh.where]);
    await root.stderr.line(/took over run/, 10_000);
    const exit = await run.exit(40_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    await expectExact(document, target, 8);
    const replayed = await mesh.home.run(["replay", document.run, ...mesh.where, "--json"]);
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ ok: true, summary: document });
  });

  it("of an agent that is started again declares what is lost; what the others did stays exact", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
    const values = { TARGET_URL: target.url, SECONDS: "6", TOLERATE: "50" };
    const load = ["--zones", "a,b", ...env(values), "--json"];
    const run = mesh.home.start(["run", script("mixed"), ...mesh.where, ...load]);
    await run.stderr.line(/^2s\/6s/, 20_000);
    mesh.agents.get("b1")?.signal("SIGKILL");
    const again = ["agent", "--zone", "b", "--name", "b1", "--cores", "1", ...mesh.where];
    await mesh.home.start(again).stderr.line(/joined zone b as b1\.1/, 20_000);
    const exit = await run.exit(40_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness).toMatchObject({ agents: { finished: 1, lost: ["b1"] }, mismatches: [] });
    expect(document.completeness.gaps).toMatchObject([{ agent: "b1", zone: "b", toMs: expect.any(Number) }]);
    expect(document.ledger.total.lost).toBeGreaterThan(0);
    // A lower bound: what the lost agent did after its last interval is seen by the target only.
    const { paths, total } = await target.stats();
    const counted = countOf(document, "http_reqs") ?? 0;
    expect(counted).toBeLessThanOrEqual(total);
    expect(counted).toBeGreaterThan(total / 2);
    // The three looping VUs of the other agent went on to the end; the target saw each of their iterations.
    const byVu = Object.entries(paths)
      .filter(([path]) => path.startsWith("/looping/"))
      .map(([, count]) => count)
      .toSorted((x, y) => y - x);
    const survivor = byVu.slice(0, 3).reduce((sum, count) => sum + count, 0);
    const others = ["open", "shared", "each"].map((name) => document.ledger.scenarios[name]?.planned ?? 0);
    const line = document.ledger.agents["a1"];
    expect(line).toMatchObject({ interrupted: 0, lost: 0 });
    expect(line?.planned).toBe(survivor + others.reduce((sum, planned) => sum + Math.ceil(planned / 2), 0));
    const replayed = await mesh.home.run(["replay", document.run, ...mesh.where, "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ ok: true, summary: document });
  });
});
