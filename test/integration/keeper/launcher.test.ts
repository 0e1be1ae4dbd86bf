/** bin/mesh: which Node it picks, what it hands on, and what it says when there is none. Run in a copied checkout. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("../../../bin/mesh", import.meta.url));
const printer = `const cache = process.env.NODE_COMPILE_CACHE;
process.stdout.write(JSON.stringify({ node: process.execPath, pid: process.pid, args: process.argv.slice(2), cache }));`;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mesh launcher "));
  for (const folder of ["bin", "src/cli", "tools"]) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(launcher, join(root, "bin/mesh"));
  writeFileSync(join(root, "src/cli/main.ts"), printer);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function script(path: string, text: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

function run(args: string[], env: Record<string, string>, command = join(root, "bin/mesh")) {
  const PATH = `${join(root, "tools")}:/usr/bin:/bin`;
  const result = spawnSync(command, args, { encoding: "utf8", env: { PATH, HOME: root, ...env } });
  const printed = result.stdout === "" ? undefined : JSON.parse(result.stdout);
  return { ...result, printed };
}

const platformPackage = `node_modules/node-${process.platform}-${process.arch}/bin/node`;

describe("launcher", () => {
  it("becomes MESH_NODE, and hands the arguments on unchanged", () => {
    const args = ["run", "a b", "", "--env=X=$HOME", "*"];
    const { printed, pid } = run(args, { MESH_NODE: process.execPath });
    expect(printed).toMatchObject({ node: process.execPath, args, pid });
  });

  it("prefers the bundled Node to the one in PATH", () => {
    script(join(root, platformPackage), `echo '{"picked":"bundled"}'`);
    symlinkSync(process.execPath, join(root, "tools/node"));
    expect(run([], {}).printed).toEqual({ picked: "bundled" });
  });

  it("takes Node from PATH if it is new enough", () => {
    symlinkSync(process.execPath, join(root, "tools/node"));
    expect(run([], {}).printed.node).toBe(process.execPath);
  });

  it("says what to do when the only Node is too old", () => {
    script(join(root, "tools/node"), "echo v20.20.2");
    const { status, stderr } = run([], {});
    expect(status).toBe(1);
    expect(stderr).toBe(
      `mesh: Mesh needs Node 24, and ${root}/tools/node is v20.20.2: run 'npm ci' in ${root}, install Node 24, or name one in MESH_NODE\n`,
    );
  });

  it("runs compiled modules where there are no sources, and has another advice there", () => {
    renameSync(join(root, "src/cli/main.ts"), join(root, "src/cli/main.js"));
    writeFileSync(join(root, "package.json"), `{"type":"module"}`);
    expect(run(["x"], { MESH_NODE: process.execPath }).printed.args).toEqual(["x"]);
    script(join(root, "tools/node"), "exit 1");
    const { status, stderr } = run([], {});
    expect(status).toBe(1);
    expect(stderr).toBe(
      `mesh: Mesh needs Node 24, and ${root}/tools/node is not a Node: install Node 24 or newer, or name one in MESH_NODE\n`,
    );
  });

  it("says so when MESH_NODE is wrong", () => {
    const { status, stderr } = run([], { MESH_NODE: "/none/node" });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining("MESH_NODE is /none/node"),
    });
  });

  it("finds its checkout through relative and absolute links", () => {
    symlinkSync(join(root, "bin/mesh"), join(root, "tools/absolute"));
    symlinkSync("absolute", join(root, "tools/mesh"));
    expect(run(["x"], { MESH_NODE: process.execPath }, join(root, "tools/mesh")).printed.args).toEqual(["x"]);
  });

  it("keeps compiled sources in the cache unless told where", () => {
    const node = { MESH_NODE: process.execPath };
    expect(run([], node).printed.cache).toBe(join(root, ".cache/mesh/compile"));
    expect(run([], { ...node, MESH_CACHE: join(root, "c") }).printed.cache).toBe(join(root, "c/compile"));
    expect(run([], { ...node, NODE_COMPILE_CACHE: join(root, "own") }).printed.cache).toBe(join(root, "own"));
  });

  it("is plain POSIX sh", () => {
    expect(() => execFileSync("sh", ["-n", launcher])).not.toThrow();
  });
});
