/**
 * Starts a server under a tiny POSIX shell guard, so that it cannot outlive its keeper: the guard holds a pipe from this
 * process, and the end of that pipe, which even kill -9 brings, ends the server. If the guard itself is killed, its
 * watcher and this process each end the server. Not for programs that end by themselves: see run-program.ts.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { logLines } from "./log-lines.ts";
import { end, identityOf, signalTo } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/**
 * The server runs in the background; its pid goes to standard output; a watcher reads the pipe to its end. `read` is
 * the shell's own, so killing the watcher leaves no child of it. SIGTERM first, SIGKILL after so many seconds.
 */
const guardScript = `
exec 3<&0 </dev/null
patience=$1
shift
"$@" >&2 3<&- &
server=$!
echo "$server"
exec >&-
(
  while read -r _ <&3; do :; done
  kill -TERM "$server"
  waited=0
  while [ "$waited" -lt "$patience" ] && kill -0 "$server"; do sleep 1; waited=$((waited + 1)); done
  kill -KILL "$server"
) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

/** A server that did not end this long after SIGTERM gets SIGKILL: what it acknowledged is on disk either way. */
const stopPatienceMs = 600;
/** The same where nobody waits for it: the guard counts whole seconds. */
const GUARD_PATIENCE_S = 2;

export interface GuardedServer {
  readonly pid: number;
  /** Resolves when the server is gone, with what its exit looked like. Never rejects. */
  readonly exited: Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends the server; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface GuardedStart {
  readonly program: string;
  readonly args: readonly string[];
  /** Receives what the server prints: a file, or whoever hears each line. */
  readonly log: string | ((line: string) => void);
  readonly cwd?: string;
  /** In a process group of its own, which a terminal's signals do not reach. */
  readonly apart?: boolean;
  /** Between SIGTERM and SIGKILL, whoever ends it. */
  readonly patienceMs?: number;
  readonly env: NodeJS.ProcessEnv;
  /** Called in the same tick as each process (the guard, then the server) is started. */
  readonly onStarted: (identity: ProcessIdentity) => void;
}

/** Starts the server; rejects if it ended before it could be named. */
export async function startGuarded(start: GuardedStart): Promise<GuardedServer> {
  const { patienceMs = stopPatienceMs } = start;
  const guard = spawnGuard(start);
  record(guard.pid, start);
  const guardExit = exitOf(guard);
  const server = await serverOf(guard, guardExit);
  start.onStarted(server);
  const exited = guardExit.then(async (how) => {
    // The guard waits for the server, so this does nothing unless the guard alone was killed.
    guard.stdin?.destroy();
    await end(server, patienceMs);
    return how;
  });
  const signal = (name: NodeJS.Signals) => signalTo(server, name);
  return { pid: server.pid, exited, signal, stop: () => stop(server, exited, patienceMs) };
}

function spawnGuard({
  apart = false,
  args: own,
  cwd,
  env,
  log,
  program,
  ...start
}: GuardedStart): ChildProcess {
  const patienceS = Math.max(GUARD_PATIENCE_S, Math.ceil((start.patienceMs ?? 0) / 1000));
  const args = ["-c", guardScript, "mesh-guard", String(patienceS), program, ...own];
  const open = (output: number | "pipe") =>
    spawn("/bin/sh", args, { stdio: ["pipe", "pipe", output], env, cwd, detached: apart });
  if (typeof log !== "string") {
    const guard = open("pipe");
    const { end: endLog, take } = logLines(log);
    guard.stderr?.setEncoding("utf8").on("data", take).on("end", endLog);
    return guard;
  }
  const file = openSync(log, "a", 0o600);
  try {
    return open(file);
  } finally {
    closeSync(file);
  }
}

function record(pid: number | undefined, start: GuardedStart): void {
  const identity = pid === undefined ? undefined : identityOf(pid);
  if (identity !== undefined) start.onStarted(identity);
}

function exitOf(guard: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    guard.on("error", (error) => resolve(error.message));
    guard.on("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
    // The guard's end closes the pipe; writing is never tried, so an error here tells nothing new.
    guard.stdin?.on("error", () => {});
  });
}

async function serverOf(guard: ChildProcess, guardExit: Promise<string>): Promise<ProcessIdentity> {
  const lines = createInterface({ input: guard.stdout as NodeJS.ReadableStream });
  const firstLine = new Promise<string>((resolve) => lines.once("line", resolve));
  const pid = Number(await Promise.race([firstLine, guardExit]));
  lines.close();
  const identity = Number.isSafeInteger(pid) ? identityOf(pid) : undefined;
  if (identity === undefined) throw new Error(`it ended at once: ${await guardExit}`);
  return identity;
}

async function stop(server: ProcessIdentity, exited: Promise<string>, patienceMs: number): Promise<void> {
  signalTo(server, "SIGTERM");
  const insist = setTimeout(() => signalTo(server, "SIGKILL"), patienceMs);
  await exited;
  clearTimeout(insist);
}
