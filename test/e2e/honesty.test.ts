/**
 * A generator never lies about itself: when one of three agents stands still for two seconds, the latencies from the
 * intended start say so, those from the actual start do not, and the run is invalid, with the culprit named.
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { seesProcesses } from "../support/processes.ts";
import { script } from "../support/scripts.ts";
import { documentOf, expectBalanced } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

const STOPPED_MS = 2000;
/** Of the script's 180. */
const VUS_PER_AGENT = 60;

/** The worker that runs: the agent's other one only waits for the next run. */
function workersOf(agent: number): readonly number[] {
  const children = readFileSync(`/proc/${agent}/task/${agent}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}

const p99 = ({ metrics }: SummaryDocument, name: string): number =>
  metrics[name]?.values["p(99)"] ?? Number.NaN;

describe.skipIf(!seesProcesses)("a worker that is stopped for 2 s of an open model's 20", () => {
  it("shows in the intended latency only, and makes the run invalid by agent and windows", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ eu: ["e1", "e2"], us: ["u1"] });
    const load = ["--zones", "eu=2,us", "--agents", "3", "--env", `TARGET_URL=${target.url}`];
    const run = mesh.home.start(["run", script("honest"), ...mesh.where, ...load, "--json"]);
    await run.stderr.line(/^8s\/20s/, 40_000);
    const stopped = workersOf(mesh.agents.get("e2")?.pid ?? 0);
    expect(stopped).toHaveLength(1);
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    await pause(STOPPED_MS); // not waited for: this is what is done to it
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    const exit = await run.exit(60_000);
    expect(exit.code, exit.stderr).toBe(97);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness.mismatches).toEqual([]);

    const [hidden, shown] = [
      p99(document, "http_req_duration"),
      p99(document, "iteration_duration_intended"),
    ];
    expect(shown).toBeGreaterThanOrEqual(1000);
    expect(hidden).toBeLessThan(1.1 * p99(document, "undisturbed"));
    expect(document.generator.p99Ms?.intended).toBe(shown);

    const breaches = document.generator.breaches ?? [];
    expect(breaches.map(({ agent, measure }) => `${agent} ${measure}`)).toEqual(["e2 scheduleLag"]);
    const [breach] = breaches;
    const [[from, to] = [0, 0]] = breach?.windows ?? [];
    expect(from).toBeGreaterThanOrEqual(7);
    expect(to).toBeLessThanOrEqual(13);
    expect(breach?.worst).toBeGreaterThan(1_000_000);
    expect(document.cause).toMatch(
      /^the generator could not keep the load: agent eu\/e2 was late: \d+ of its \d+ arrivals \(/,
    );

    // No burst beyond the VUs that were free: what found none was dropped at once.
    const { total } = document.ledger;
    const overdue = (200 / 3) * (STOPPED_MS / 1000);
    expect(document.ledger.agents["e2"]?.dropped).toBeGreaterThanOrEqual(
      Math.floor(overdue) - VUS_PER_AGENT - 1,
    );
    expect(total.dropped + total.completed).toBe(4000);
  });
});

describe("a script that ends its worker", () => {
  it("costs that worker only where losses are tolerated: the others go on, and the event says how it died", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const second = mesh.home.start(["agent", "--zone", "a", "--name", "a2", "--cores", "2", ...mesh.where]);
    await second.stderr.line(/joined zone/, 20_000);
    const load = ["--zones", "a", "--agents", "2", "--env", "TOLERATE=50", "--json"];
    const exit = await mesh.home.run(["run", script("deadly"), ...mesh.where, ...load]);
    expect(exit.code, exit.stderr).toBe(0);
    const died = /called process\.exit\(3\) in iteration \d+ of scenario steady \(VU 1\)/;
    expect(exit.stderr).toMatch(died);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness).toMatchObject({ agents: { finished: 2, lost: [] }, mismatches: [] });
    expect(document.completeness.gaps).toMatchObject([
      { zone: "a", reason: expect.stringMatching(died) as string },
    ]);
    // Each of the others had its four seconds.
    expect(document.durationMs).toBeGreaterThan(3900);
    const events = await mesh.home.run(["events", document.run, ...mesh.where]);
    expect(events.stdout).toMatch(
      /WorkerLost .*\/w\d of agent a\d in zone a: a worker called .*; last lines: the cart is gone/,
    );
  });
});
