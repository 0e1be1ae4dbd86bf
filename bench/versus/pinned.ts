/**
 * Runs one program to its end, pinned to a core, bounded in time, in a process group of its own which is ended with it.
 * Relies on taskset (util-linux). It is asked to end by SIGINT and made to by SIGKILL.
 */
import { spawn } from "node:child_process";

export interface PinnedOptions {
  readonly boundMs: number;
  readonly cwd?: string;
  /** Variables of this shell that begin like this are not passed on: they would change what is measured. */
  readonly without?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PinnedEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves with the output; rejects, with the end of its errors, when it fails, is stopped or outlives its bound. */
export type PinnedRun = (
  program: string,
  args: readonly string[],
  options: PinnedOptions,
) => Promise<PinnedEnd>;

const GRACE_MS = 5_000;
const SHOWN_CHARACTERS = 1_500;

/** The cache is where programs lie, and changes nothing. */
const environment = (without: string | undefined): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => without === undefined || name === "MESH_CACHE" || !name.startsWith(without),
    ),
  );

/** A runner for one core, or for any; everything that it runs ends when `signal` aborts. */
export function pinnedTo(core: number | undefined, signal: AbortSignal): PinnedRun {
  return async (program, args, { boundMs, cwd, env, without }) => {
    signal.throwIfAborted();
    const [command, ...rest] =
      core === undefined ? [program, ...args] : ["taskset", "-c", String(core), program, ...args];
    const child = spawn(command, rest, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      cwd,
      env: { ...environment(without), ...env },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    let kill: NodeJS.Timeout | undefined;
    const stop = (): void => {
      signalGroup(child.pid, "SIGINT");
      kill ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
    };
    const bound = setTimeout(stop, boundMs);
    signal.addEventListener("abort", stop);
    try {
      const how = await new Promise<string>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, name) => resolve(name ?? `exit code ${code}`));
      });
      signal.throwIfAborted();
      if (kill !== undefined) throw new Error(`${program} was stopped after ${boundMs / 1000} s`);
      if (how === "exit code 0") return output;
      throw new Error(
        `${program}: ${how}\n${(output.stderr || output.stdout).trim().slice(-SHOWN_CHARACTERS)}`,
      );
    } finally {
      clearTimeout(bound);
      clearTimeout(kill);
      signal.removeEventListener("abort", stop);
      signalGroup(child.pid, "SIGKILL"); // what it left behind
    }
  };
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // nothing of it is left
  }
}
