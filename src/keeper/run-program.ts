/**
 * Runs a program of the machine to its end, with a bound, and hands back what it printed.
 * It runs in its own process group, so that what it started in turn ends with it. Not for servers: see guard.ts.
 */
import { spawn } from "node:child_process";

export interface ProgramRun {
  readonly boundMs: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program early. */
  readonly signal?: AbortSignal | undefined;
}

/** The last lines of a program's output or of a log, short enough to show to a person. */
export function tailOf(text: string, lines = 8): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Resolves with standard output; rejects with an Error that names the program and holds the tail of its errors. */
export function runProgram(program: string, args: readonly string[], run: ProgramRun): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  if (run.signal?.aborted === true) return Promise.reject(new Error(`${program} was not started: stopped`));
  const { cwd, env } = run;
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], cwd, env });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.out += text));
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (output.err = (output.err + text).slice(-8192)));
  const stop = (): void => killGroup(child.pid);
  const timer = setTimeout(stop, run.boundMs);
  run.signal?.addEventListener("abort", stop, { once: true });
  child.on("error", (error: NodeJS.ErrnoException) => {
    reject(error.code === "ENOENT" ? new Error(`${program} is not installed`) : error);
  });
  child.on("close", (code, signal) => {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", stop);
    const how = signal === null ? `exit code ${code}` : `ended by ${signal} (bound ${run.boundMs} ms)`;
    if (code === 0) resolve(output.out);
    else reject(new Error(`${program} ${args.join(" ")}: ${how}\n${tailOf(output.err)}`.trimEnd()));
  });
  return promise;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}
