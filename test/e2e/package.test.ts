/** The npm package, installed from its tarball into an empty project, as somebody without the checkout has it. */
import { execFile } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Packed, packPackage } from "../../deploy/npm/pack.ts";
import rolldown from "rolldown/package.json" with { type: "json" };
import { startCountingTarget } from "../support/counting-target.ts";
import { createNpmProject, type NpmProject, PATH } from "../support/npm-project.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { countOf, documentOf, expectBalanced, expectNothingLeft } from "./documents.ts";

/** Two installations, one of them with half a gigabyte of engine. */
const INSTALL_MS = 400_000;

const tsc = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
const quickstart = "node_modules/loadmesh/examples/quickstart.ts";
/** The bundler's native half is optional too, so whoever omits what is optional names it. */
const binding = `@rolldown/binding-linux-${process.arch}-gnu`;

const folder = mkdtempSync(join(tmpdir(), "mesh-package-"));
let packed: Packed;
let whole: NpmProject;
let lean: NpmProject;

beforeAll(async () => {
  packed = packPackage(folder);
  whole = createNpmProject();
  await whole.install(packed.tarball);
  lean = createNpmProject();
  await lean.install("--omit=optional", packed.tarball, `${binding}@${rolldown.version}`);
}, INSTALL_MS);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  whole?.[Symbol.dispose]();
  lean?.[Symbol.dispose]();
});

const homeOf = (project: NpmProject) => createMeshHome({ door: project.file("node_modules/.bin/mesh") });
const inside = (project: NpmProject) => ({ cwd: project.folder, env: { PATH } });

describe("the npm package", () => {
  it("holds compiled modules, the types of scripts, examples and documents, and nothing else", () => {
    const odd = packed.files.filter(
      (path) =>
        !/^(src|streams)\/.*\.js$|^src\/script\/[\w-]+\.d\.ts$|^examples\//.test(path) &&
        !["package.json", "bin/mesh", "README.md", "CHANGELOG.md", "LICENSE"].includes(path),
    );
    expect(odd).toEqual([]);
    expect(packed.files).toEqual(expect.arrayContaining(["bin/mesh", "LICENSE", "src/cli/main.js"]));
    expect(packed.packedBytes).toBeLessThan(1_000_000);
  });

  it("runs its quickstart, and the run lands in the engine that came with it", async () => {
    await using home = homeOf(whole);
    const version = await home.run(["--version"], inside(whole));
    expect(version.stdout).toMatch(/^loadmesh\/\d+\.\d+\.\d+ /);
    expect((await home.run(["--help"], inside(whole))).stdout).toContain("USAGE");
    const exit = await home.run(["run", quickstart], inside(whole));
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stdout).toContain("passed (exit 0)");
    expect(exit.stderr).not.toContain("lands later");
    const asked = await home.run(["sql", "SELECT outcome FROM latest_runs"], inside(whole));
    expect(asked.stdout.split("\n"), asked.stderr).toContain("passed");
    await expectNothingLeft(home);
  });

  it("gives a script of one's own its types, with either way to find modules, and runs it", async () => {
    const mine = whole.file(
      "mine.ts",
      `import { check, Counter, http, type Options } from "loadmesh";
export const options: Options = { vus: 2, iterations: 20 };
const pages = new Counter("pages");
export default async function () {
  const page = await http.get(\`\${__ENV["TARGET_URL"]}/mine\`);
  pages.add(1);
  check(page, { "it is there": (r) => r.status === 200 });
}`,
    );
    const wrong = whole.file(
      "wrong.ts",
      `import { http, nothing } from "loadmesh";\nawait http.get(3);\nexport { nothing };`,
    );
    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ] as const) {
      const strict = ["--noEmit", "--ignoreConfig", "--strict", "--target", "es2024", "--types", ""];
      const args = [tsc, ...strict, "--module", module, "--moduleResolution", resolution, mine, wrong];
      const refusal = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
      const { stdout } = refusal as { stdout: string };
      expect(stdout).toMatch(/wrong\.ts.*TS2614.*nothing[\s\S]*wrong\.ts.*TS2345/);
      expect(stdout).not.toContain("mine.ts");
    }

    await using target = await startCountingTarget();
    await using home = homeOf(whole);
    const args = ["run", "mine.ts", "--no-history", "--json", "--env", `TARGET_URL=${target.url}`];
    const exit = await home.run(args, inside(whole));
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(documentOf(exit));
    expect(countOf(documentOf(exit), "pages")).toBe(20);
    expect((await target.stats()).paths).toEqual({ "/mine": 20 });
  });

  it("runs without the optional engine, and says once that history lands later", async () => {
    await using home = homeOf(lean);
    const exit = await home.run(["run", quickstart], inside(lean));
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stderr.split("\n").filter((line) => /clickhouse|chdb|ffi-rs/i.test(line))).toEqual([
      expect.stringMatching(/^history lands later: .*optional packages, or set MESH_CLICKHOUSE_URL/),
    ]);
  });

  it("blames no script for a bundler that was left out, and says what to install", async () => {
    const [there, away] = [lean.file(`node_modules/${binding}`), lean.file("away")];
    await using home = homeOf(lean);
    renameSync(there, away);
    const exit = await home.run(["run", quickstart], inside(lean)).finally(() => renameSync(away, there));
    expect(exit.code).toBe(111);
    expect(exit.stderr).toBe(`mesh: the bundler (npm package rolldown) was installed without its native half
      Install Mesh without --omit=optional, or with it: npm install --omit=optional loadmesh ${binding}@${rolldown.version}
`);
  });
});
