/** `mesh init`: the starter passes its own types and its own thresholds, and nothing is overwritten by surprise. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { countOf, documentOf } from "./documents.ts";

const run = promisify(execFile);
const compiler = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

/** Outside of the checkout, as a stranger's folder is. */
function emptyFolder(): { path: string } & Disposable {
  const path = mkdtempSync("/tmp/mesh-init-");
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const STARTER = [".github", ".gitignore", "mesh.config.ts", "package.json", "script.ts", "tsconfig.json"];

describe("mesh init", () => {
  it("writes a starter that runs as it is told", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    using folder = emptyFolder();
    const init = await home.run(["init", "load"], { cwd: folder.path });
    expect(init.code, init.stderr).toBe(0);
    expect(init.stdout).toMatch(/\n {2}cd load\n {2}mesh run script\.ts --env BASE_URL=\S+\n$/);
    const cwd = join(folder.path, "load");
    expect(readdirSync(cwd)).toEqual(STARTER);

    const missing = await home.run(["run", "script.ts"], { cwd });
    expect(missing.code).toBe(107);
    expect(missing.stderr).toContain(
      "BASE_URL is not set. Say what to test: mesh run script.ts --env BASE_URL=",
    );
    const args = ["--env", `BASE_URL=${target.url}`, "--vus", "2", "--duration", "2s", "--json"];
    const exit = await home.run(["run", "script.ts", ...args], { cwd });
    expect(exit.code, exit.stderr).toBe(0);
    const { total } = await target.stats();
    expect(countOf(documentOf(exit), "http_reqs")).toBe(total);
    expect(total).toBeGreaterThanOrEqual(2);
  });

  it("writes a script whose types an editor finds", async () => {
    await using home = createMeshHome();
    using folder = emptyFolder();
    expect((await home.run(["init"], { cwd: folder.path })).code).toBe(0);
    const project = join(folder.path, "script.json");
    const check = async () => run(process.execPath, [compiler, "--noEmit", "-p", project]);
    writeFileSync(
      project,
      JSON.stringify({ extends: "./tsconfig.json", include: ["script.ts", "mesh.config.ts"] }),
    );
    await check();
    const script = join(folder.path, "script.ts");
    writeFileSync(script, readFileSync(script, "utf8").replace("vus: 10", 'vus: "ten"'));
    await expect(check()).rejects.toMatchObject({
      stdout: expect.stringMatching(/script\.ts\(\d+,3\): error TS2322/),
    });
  });

  it("writes nothing where a file is in the way, unless it may overwrite", async () => {
    await using home = createMeshHome();
    using folder = emptyFolder();
    const at = (name: string) => join(folder.path, name);
    writeFileSync(at("tsconfig.json"), "{}");
    writeFileSync(at("package.json"), '{ "name": "mine" }');
    writeFileSync(at(".gitignore"), "mine\nnode_modules/");
    const refused = await home.run(["init", ".", "--json"], { cwd: folder.path });
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: "Exists", exit: 2, message: "tsconfig.json is in . already; nothing was written" },
    });
    expect(readdirSync(folder.path)).toEqual([".gitignore", "package.json", "tsconfig.json"]);

    const forced = await home.run(["init", "--force"], { cwd: folder.path });
    expect(forced.code, forced.stderr).toBe(0);
    expect(readdirSync(folder.path)).toEqual(STARTER);
    expect(readFileSync(at("tsconfig.json"), "utf8")).toContain("noUncheckedIndexedAccess");
    expect(readFileSync(at("package.json"), "utf8")).toBe('{ "name": "mine" }');
    expect(readFileSync(at(".gitignore"), "utf8")).toBe("mine\nnode_modules/\nsummary.json\n.env\n");
  });

  it("takes back what it wrote when it cannot write all of it", async () => {
    await using home = createMeshHome();
    using folder = emptyFolder();
    writeFileSync(join(folder.path, ".github"), "a file");
    const exit = await home.run(["init"], { cwd: folder.path });
    expect([exit.code, exit.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot write .*nothing was written/),
    ]);
    expect(readdirSync(folder.path)).toEqual([".github"]);
    const impossible = await home.run(["init", ".github/below"], { cwd: folder.path });
    expect(impossible.code).toBe(2);
    expect(existsSync(join(folder.path, "script.ts"))).toBe(false);
  });
});
