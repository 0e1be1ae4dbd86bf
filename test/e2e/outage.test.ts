/** The server that everybody talks through is away in mid-run: agents go on, coordinators come back, nothing is lost. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

/** Longer than any node tries to store one message. */
const AWAY_MS = 13_000;

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

describe("a server that is frozen in mid-run", () => {
  it("costs nothing: zone and root start over, and every number is right", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const load = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=6", "--json"];
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a", ...load]);
    await run.stderr.line(/^1s\/6s/, 20_000);
    mesh.nats.signal("SIGSTOP");
    await pause(AWAY_MS); // what is tested is the length of the outage
    mesh.nats.signal("SIGCONT");
    const exit = await run.exit(40_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness).toMatchObject({ agents: { finished: 1, lost: [] }, mismatches: [] });
    expect(countOf(document, "http_reqs")).toBe((await target.stats()).total);
  });

  it("stops the load after onSilence, though nobody can say so, and the run ends as incomplete", async () => {
    await using quiet = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const load = ["--env", `TARGET_URL=${quiet.url}`, "--env", "SILENCE=2s", "--json"];
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a", ...load]);
    await run.stderr.line(/^1s\/60s/, 20_000);
    mesh.nats.signal("SIGSTOP");
    await pause(4_000); // what is tested is what happens in this time
    const { total } = await quiet.stats();
    await pause(1_000);
    expect((await quiet.stats()).total).toBe(total);
    mesh.nats.signal("SIGCONT");
    const exit = await run.exit(30_000);
    expect(exit.code, exit.stderr).toBe(111);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.cause).toContain("agent a1 stopped before the planned end: nothing was heard from above");
    // What was cut with its iteration is declared; the target may have counted it or not.
    const measured = countOf(document, "http_reqs") ?? 0;
    const { interruptedRequests = 0 } = document.completeness;
    const { total: counted } = await quiet.stats();
    expect(counted).toBeGreaterThanOrEqual(measured);
    expect(counted).toBeLessThanOrEqual(measured + interruptedRequests);
  });
});
