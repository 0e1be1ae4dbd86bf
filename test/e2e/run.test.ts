/** `mesh run` on one machine, with its own servers: the counts are exact, and nothing stays behind. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, processesOf, withoutProcesses } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced, expectNothingLeft } from "./documents.ts";

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

/** Requests to a path since `before`. */
async function asked(path: RegExp): Promise<number> {
  const { paths } = await target.stats();
  return Object.entries(paths)
    .filter(([name]) => path.test(name))
    .reduce((sum, [, count]) => sum + count, 0);
}

const byNumber = (a = 0, b = 0): number => a - b;

describe("mesh run", () => {
  it("counts exactly over two zones and three agents, and runs every function of the script once", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const args = ["--zones", "a=2,b", "--agents", "3", "--env", `TARGET_URL=${target.url}`, "--json"];
    const exit = await home.run(["run", script("whole-life"), ...args], { cwd: files.folder });
    const left = withoutProcesses(home.folder, 2_000);
    const document = documentOf(exit);
    const { ledger, completeness, generator, metrics } = document;

    expect(exit.code, exit.stderr).toBe(0);
    expect(document).toMatchObject({
      run: expect.stringMatching(/^\w+-\w+$/),
      outcome: "passed",
      exitCode: 0,
    });
    // The target is an independent witness: 200 iterations, one setup, one teardown.
    expect(await asked(/^\/vu\//)).toBe(200);
    expect(await asked(/^\/setup$/)).toBe(1);
    expect(await asked(/^\/teardown\/setup-got-200$/)).toBe(1);
    expect(countOf(document, "http_reqs")).toBe((await target.stats()).total);
    expect(countOf(document, "iterations")).toBe(200);
    expect(metrics["http_reqs"]).toMatchObject({ type: "counter", contains: "default" });
    expect(metrics["http_req_duration"]?.values).toHaveProperty(["p(95)"]);
    expect(metrics["checks"]?.values).toMatchObject({ passes: 400, fails: 0, rate: 1 });

    expectBalanced(document);
    expect(ledger.total).toEqual({ planned: 200, completed: 200, interrupted: 0, dropped: 0, lost: 0 });
    expect(Object.keys(ledger.scenarios)).toEqual(["pages"]);
    expect(Object.keys(ledger.agents)).toEqual(["a-1", "a-2", "b-1"]);
    const { "a-1": first, "a-2": second, "b-1": third } = ledger.agents;
    expect([first?.planned, second?.planned, third?.planned].toSorted(byNumber)).toEqual([66, 67, 67]);
    expect(completeness).toMatchObject({ agents: { expected: 3, finished: 3, lost: [] }, mismatches: [] });
    expect(Object.keys(generator.byAgent)).toEqual(["a-1", "a-2", "b-1"]);
    // What setup returned reached the VUs of all agents: 6 VUs, 2 on each.
    const tokens = Object.keys((await target.stats()).paths).filter((path) => path.startsWith("/vu/"));
    expect(tokens.sort()).toEqual([1, 2, 3, 4, 5, 6].map((vu) => `/vu/${vu}/setup-got-200`));

    expect(readFileSync(join(files.folder, "out/summary.txt"), "utf8")).toBe("202 requests in all\n");
    expect(exit.stderr.match(/handleSummary was here/g)).toHaveLength(1);
    expect(exit.stderr).toMatch(/\d+s\/\d+s {2}iterations=200 {2}requests=20\d {2}failed=0%/);
    expect(await left).toEqual([]);
  });

  it("plans an arrival rate to the last iteration, over agents of different zones", async () => {
    await using home = createMeshHome();
    const before = await asked(/^\/order$/);
    const args = ["--zones", "a,b", "--env", `TARGET_URL=${target.url}`, "--json"];
    const exit = await home.run(["run", script("arrivals"), ...args]);
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(document);
    expect(document.ledger.total.planned).toBe(600);
    expect(document.ledger.total.completed + document.ledger.total.dropped).toBe(600);
    expect(Object.values(document.ledger.agents).map(({ planned }) => planned)).toEqual([300, 300]);
    expect((await asked(/^\/order$/)) - before).toBe(document.ledger.total.completed);
    expect(document.durationMs).toBeGreaterThan(1_990);
    await expectNothingLeft(home);
  });

  it("runs a script from anywhere, with the load and the values that flags give", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    files.write("paths.ts", `export const path = (name: string): string => "/elsewhere/" + name;`);
    const file = files.write(
      "far.ts",
      `import { http } from "loadmesh";
       import { path } from "./paths.ts";
       export const options = { vus: 9, iterations: 900 };
       export default async () => void (await http.get(__ENV.TARGET_URL + path(__ENV.NAME)));`,
    );
    const env = ["--env", `TARGET_URL=${target.url}`, "-e", "NAME=a=b"];
    const exit = await home.run(["run", file, "--vus", "3", "--iterations", "31", ...env]);
    expect(exit.code, exit.stderr).toBe(0);
    expect(await asked(/^\/elsewhere\/a=b$/)).toBe(31);
    expect(exit.stdout).toMatch(/^ {4}total +31 +31 +0 +0 +0$/m);
    expect(exit.stdout).toMatch(/^ {2}✓ passed \(exit 0\)/m);
    expect(processesOf(home.folder).filter(({ command }) => command.includes("agent"))).toEqual([]);
    await expectNothingLeft(home);
  });

  it("takes its flags from MESH_* variables, and a flag wins over its variable", async () => {
    await using home = createMeshHome();
    const before = await target.stats();
    const env = {
      MESH_ZONES: "north,south",
      MESH_AGENTS: "2",
      MESH_VUS: "4",
      MESH_DURATION: "50s",
      ASK_FOR: "/named",
    };
    const args = ["--env", `TARGET_URL=${target.url}`, "--env", "ASK_FOR", "--duration", "1s", "--json"];
    const exit = await home.run(["run", script("plain"), ...args], { env });
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["north-1", "south-1"]);
    // Every VU has a connection of its own.
    const after = await target.stats();
    expect(after.connections - before.connections).toBe(4);
    expect(document.durationMs).toBeGreaterThanOrEqual(1_000);
    expect(document.durationMs).toBeLessThan(3_000);
    expect(after.paths["/named"]).toBe(countOf(document, "http_reqs"));
    await expectNothingLeft(home);
  });

  it("exits with 99 when thresholds fail, and names them", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const args = ["--env", `TARGET_URL=${target.url}`];
    const exit = await home.run(["run", script("crossed"), ...args], { cwd: files.folder });
    expect(exit.code, exit.stderr).toBe(99);
    expect(exit.stdout).toContain("✗ 'rate<0.5' rate=100.00%");
    expect(exit.stdout).toContain("✓ 'count==20' count=20");
    expect(exit.stdout).toMatch(/^ {2}✗ failed \(exit 99\)/m);
    expect(exit.stdout).toContain("thresholds failed: http_req_failed rate<0.5");
    expect(existsSync(join(files.folder, "out"))).toBe(false);
    await expectNothingLeft(home);
  });
});
