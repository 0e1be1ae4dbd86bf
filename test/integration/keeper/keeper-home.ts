/**
 * A state directory of its own for each keeper test, and a look at the machine's processes. The cache is shared, so that
 * nats-server is provisioned once per machine. Disposal ends what a failed test left running in it.
 */
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { stopKeeper } from "../../../src/keeper/keeper.ts";

export interface KeeperHome extends AsyncDisposable {
  readonly path: string;
  /** Pids of processes that have the home in their arguments: keeper, guards and servers. */
  processes(): number[];
}

/** Makes a fresh home the one of this process, until disposed. `below` makes its path longer. */
export function keeperHome(below = ""): KeeperHome {
  const folder = mkdtempSync(join(tmpdir(), "mesh-keeper-"));
  const path = join(folder, below);
  process.env["MESH_HOME"] = path;
  process.env["MESH_CACHE"] ??= "/tmp/mesh-test-cache";
  delete process.env["MESH_NATS_PORT"];
  return {
    path,
    processes: () => pidsWith(path),
    async [Symbol.asyncDispose]() {
      await stopKeeper().catch(() => false);
      for (const pid of pidsWith(path)) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function pidsWith(text: string): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
  const alive = lines.filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line));
  return alive.map((line) => Number.parseInt(line, 10));
}

/** True while a process with this pid runs and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

export interface FixtureProcess extends Disposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** The next line on its standard output. */
  line(): Promise<string>;
}

/** Runs a program of test/fixtures/keeper with pipes; disposal kills it. */
export function fixture(name: string, ...args: string[]): FixtureProcess {
  const file = fileURLToPath(new URL(`../../fixtures/keeper/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args]);
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${name} ended without another line`);
      return next.value;
    },
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}
