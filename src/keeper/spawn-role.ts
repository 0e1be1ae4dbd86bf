/**
 * Starts a role of `mesh run` (root, zone, agent) as a process of its own, with a pipe that ends it when this process is
 * gone (see parent-pipe.ts). In its own process group: Ctrl-C reaches the command alone, which decides what stops when.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { entryFile } from "../entry-file.ts";

const stopPatienceMs = 5000;
const MAIN = entryFile("../cli/main", import.meta.url);

export interface RoleExit {
  /** Null if a signal ended it, or it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set if it could not be started. */
  readonly error?: Error;
}

export interface RoleProcess {
  readonly pid: number | undefined;
  /** Resolves when it has ended and all its lines were handed on. Never rejects. */
  readonly exited: Promise<RoleExit>;
  /** SIGTERM, SIGKILL after 5 s; resolves like `exited`. */
  stop(): Promise<RoleExit>;
}

export interface RoleOptions {
  /** Each line that the role prints. */
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
  /** The program's entry, for roles that are not commands of mesh. */
  readonly entry?: string;
}

/** Starts `mesh ...args`; `env` is its whole environment, to which only MESH_PARENT_PIPE is added. */
export function spawnRole(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: RoleOptions = {},
): RoleProcess {
  const child = spawn(process.execPath, [options.entry ?? MAIN, ...args], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...env, MESH_PARENT_PIPE: "1" },
  });
  child.stdin.on("error", () => {});
  eachLine(child.stdout, (line) => options.onLine?.(line, "stdout"));
  eachLine(child.stderr, (line) => options.onLine?.(line, "stderr"));
  const exited = exitOf(child);
  return { pid: child.pid, exited, stop: () => stop(child, exited) };
}

function eachLine(from: Readable, onLine: (line: string) => void): void {
  createInterface({ input: from, crlfDelay: Infinity }).on("line", onLine);
}

function exitOf(child: ChildProcess): Promise<RoleExit> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

async function stop(child: ChildProcess, exited: Promise<RoleExit>): Promise<RoleExit> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), stopPatienceMs);
  return exited.finally(() => clearTimeout(insist));
}
