/**
 * Zones below zones: b below a, c below b, each with agents of its own. One run over all of them has one number, as the
 * target counts it; whoever of them is killed comes back to it; and what cannot be is said in one sentence.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { type SeparateMesh, startSeparateMesh } from "./separate-mesh.ts";

const MEMBERS = { a: ["a1"], b: ["b1", "b2"], c: ["c1"] };
const PARENTS = { b: "a", c: "b" };

let target: CountingTarget;
beforeEach(async () => {
  target = await startCountingTarget();
});
afterEach(() => target.stop());

const start = (): Promise<SeparateMesh> => startSeparateMesh(MEMBERS, 1, PARENTS);
const onAll = ["--zones", "a", "--agents", "4"];
const asks = (...env: readonly string[]): readonly string[] =>
  [`TARGET_URL=${target.url}`, ...env].flatMap((each) => ["--env", each]);

describe("zones below zones", () => {
  it("share a run, with setup, teardown and thresholds, to the request", async () => {
    await using mesh = await start();
    using files = createScriptFolder();
    const command = ["run", script("whole-life"), ...mesh.where, ...onAll, ...asks(), "--json"];
    const exit = await mesh.home.run(command, { cwd: files.folder });
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["a1", "b1", "b2", "c1"]);
    expect(document.completeness).toMatchObject({ agents: { finished: 4 }, mismatches: [] });
    const { paths, total } = await target.stats();
    expect(total).toBe(202);
    expect(countOf(document, "http_reqs")).toBe(202);
    expect([paths["/setup"], paths["/teardown/setup-got-200"]]).toEqual([1, 1]);
    const zones = document.zones ?? {};
    expect(Object.keys(zones)).toEqual(["a", "b", "c"]);
    expect(Object.values(zones).every(({ iterations }) => iterations > 0)).toBe(true);
    expect(Object.values(zones).reduce((sum, { requests }) => sum + requests, 0)).toBe(202);

    const status = await mesh.home.run(["status", ...mesh.where]);
    const lines = status.stdout.split("\n").flatMap((line) => /^zone +([^:]+): /.exec(line)?.[1] ?? []);
    expect(lines).toEqual(["a", "b below a", "c below b"]);
  });

  it("stop together when a threshold ends the run, and the last request of each is known", async () => {
    await using mesh = await start();
    const run = mesh.home.start(["run", script("breach"), ...mesh.where, ...onAll, ...asks(), "--json"]);
    await run.stderr.line(/^3s\/60s/, 40_000);
    await target.behave({ status: 500 });
    const exit = await run.exit(30_000);
    expect(exit.code, exit.stderr).toBe(99);
    const document = documentOf(exit);
    const { total } = await target.stats();
    const cut = document.completeness.interruptedRequests ?? 0;
    expect((countOf(document, "http_reqs") ?? 0) + cut).toBe(total);
    const last = document.completeness.stopped?.lastRequestMs ?? {};
    expect(Object.keys(last).toSorted()).toEqual(["a1", "b1", "b2", "c1"]);
    expect(Math.max(...Object.values(last)) - Math.min(...Object.values(last))).toBeLessThan(5000);
  });

  it("lose and double nothing when the coordinator in the middle is killed and started again", async () => {
    await using mesh = await start();
    const load = asks("SECONDS=12");
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, ...onAll, ...load, "--json"]);
    await run.stderr.line(/^3s\/12s/, 40_000);
    mesh.zones.get("b")?.signal("SIGKILL");
    await run.stderr.line(/^6s\/12s/, 40_000);
    const again = mesh.home.start(["zone", "b", "--parent", "a", ...mesh.where]);
    await again.stderr.line(/^zone b, incarnation 2$/, 10_000);
    const exit = await run.exit(40_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness.mismatches).toEqual([]);
    expect(document.completeness.agents).toMatchObject({ finished: 4, lost: [] });
    const { total } = await target.stats();
    expect(countOf(document, "http_reqs")).toBe(total);
  });

  it("end the run when one of them is gone for longer than the plan allows", async () => {
    await using mesh = await start();
    const load = asks("SECONDS=40", "SILENCE=3s");
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, ...onAll, ...load]);
    await run.stderr.line(/^3s\/40s/, 40_000);
    mesh.zones.get("b")?.signal("SIGKILL");
    const exit = await run.exit(60_000);
    expect(exit.code, exit.stderr).toBe(112);
    expect(exit.stderr).toMatch(
      /lost agent (b1|b2|c1) of zone [bc]: zone b below zone a was not heard for \d s/,
    );
  });
});

describe("a zone with --parent", () => {
  it("cannot be below itself", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const exit = await mesh.home.run(["zone", "b", "--parent", "b", ...mesh.where]);
    expect([exit.code, exit.stderr]).toEqual([2, expect.stringContaining("zone b cannot be below itself")]);
  });

  it("waits for a parent that is not there, and says for which", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const lost = mesh.home.start(["zone", "d", "--parent", "nowhere", ...mesh.where]);
    await lost.stderr.line(/^waiting for zone nowhere: mesh zone nowhere$/, 10_000);
  });

  it("is refused in a circle, and says which", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const zones = [
      mesh.home.start(["zone", "x", "--parent", "y", ...mesh.where]),
      mesh.home.start(["zone", "y", "--parent", "x", ...mesh.where]),
    ];
    const exits = await Promise.race(zones.map((zone) => zone.exit(15_000)));
    expect(exits.code, exits.stderr).toBe(111);
    expect(exits.stderr).toMatch(/below each other in a circle \((x below y below x|y below x below y)\)/);
  });

  it("stays with its parent until its run is over", async () => {
    await using mesh = await start();
    const load = asks("SECONDS=30");
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, ...onAll, ...load]);
    await run.stderr.line(/^2s\/30s/, 40_000);
    mesh.zones.get("b")?.signal("SIGKILL");
    const elsewhere = await mesh.home.run(["zone", "b", ...mesh.where]);
    expect(elsewhere.code, elsewhere.stderr).toBe(111);
    expect(elsewhere.stderr).toContain(
      "was started with --parent a: start it so again until that run is over",
    );
    const again = mesh.home.start(["zone", "b", "--parent", "a", ...mesh.where]);
    await again.stderr.line(/^zone b, incarnation/, 10_000);
    run.signal("SIGINT");
    expect((await run.exit(20_000)).code).toBe(105);
  });
});
