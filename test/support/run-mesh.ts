/**
 * Runs the product as a person does: `./bin/mesh` with a `MESH_HOME` of its own under /tmp and the shared MESH_CACHE
 * (see `suite-cache.ts`). A home is disposed of at the end of its test, and whatever still runs there is a failure.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ChildOutput, collectOutput } from "./child-output.ts";
import type { Site } from "./network.ts";
import { replayDifferencesIn } from "./replay-runs.ts";
import { killAll, type LiveProcess, processesOf, withoutProcesses } from "./processes.ts";
import { pidOf } from "./pid-of.ts";

export { processesOf, seesProcesses, withoutProcesses } from "./processes.ts";

const CHECKOUT = join(import.meta.dirname, "../../bin/mesh");

/** Roles and workers end within 5 s when their parent has gone; a second more is grace for a busy machine. */
const LEFTOVER_GRACE_MS = 6_000;
/** A killed process is gone when the kernel says so. */
const KILL_BOUND_MS = 2_000;

export interface MeshHomeOptions {
  /** Servers may outlive their commands (`mesh up`): at the end they are killed without a word. */
  readonly pinned?: boolean;
  /** How long after the last command something may still be ending. */
  readonly graceMs?: number;
  /** Path of the command: the checkout's own unless another is given. */
  readonly door?: string;
}

export interface MeshOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to its stdin, which is then closed. */
  readonly input?: string;
  /** Shell text behind the command, such as `| head -1`; the exit code is the first that is not 0. */
  readonly through?: string;
  /** A role or a server: it ends with this process, even if that is killed. It is given no input. */
  readonly held?: boolean;
  /** The host that it runs on; this one unless given. */
  readonly site?: Pick<Site, "command">;
}

export interface MeshExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MeshProcess {
  readonly pid: number;
  readonly stdout: ChildOutput;
  readonly stderr: ChildOutput;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when it has exited and its output has been read; fails after `boundMs`, with what it printed. */
  readonly exit: (boundMs?: number) => Promise<MeshExit>;
}

export interface MeshHome extends AsyncDisposable {
  readonly folder: string;
  readonly start: (args: readonly string[], options?: MeshOptions) => MeshProcess;
  /** `start`, then `exit`. */
  readonly run: (
    args: readonly string[],
    options?: MeshOptions & { readonly boundMs?: number },
  ) => Promise<MeshExit>;
  readonly processes: () => readonly LiveProcess[];
  /** What everything that was started here has said on stderr so far. */
  readonly words: () => string;
  /**
   * Ends everything in it and removes it; fails when something was left running that nobody asked for, and when the
   * replay of a run that was made here differs from what is stored.
   */
  readonly dispose: () => Promise<void>;
}

/** A new, empty home. Use it with `await using`, or call `dispose` at the end. */
export function createMeshHome(options: MeshHomeOptions = {}): MeshHome {
  const { pinned = false, graceMs = LEFTOVER_GRACE_MS, door = CHECKOUT } = options;
  const folder = mkdtempSync("/tmp/mesh-t-");
  const started: MeshProcess[] = [];
  const start = (args: readonly string[], options: MeshOptions = {}) => {
    const one = startMesh(door, folder, args, options);
    started.push(one);
    return one;
  };
  const dispose = async () => {
    for (const one of started) one.signal("SIGTERM");
    const left = await withoutProcesses(folder, pinned ? 0 : graceMs);
    killAll(left);
    await withoutProcesses(folder, KILL_BOUND_MS);
    const differences = await replayDifferencesIn(folder).finally(() =>
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
    );
    if (differences.length > 0) throw new Error(`a replay differs:\n${differences.join("\n")}`);
    if (pinned || left.length === 0) return;
    throw new Error(
      `left running in ${folder}:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join("\n")}`,
    );
  };
  return {
    folder,
    start,
    run: (args, { boundMs, ...options } = {}) => start(args, options).exit(boundMs),
    processes: () => processesOf(folder),
    words: () => started.map(({ stderr }) => stderr.text()).join(""),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function startMesh(
  door: string,
  home: string,
  args: readonly string[],
  { cwd, env = {}, held = false, input, through, site }: MeshOptions,
): MeshProcess {
  const shell = ["-o", "pipefail", "-c", `"$0" "$@" ${through}`, door, ...args];
  const local = through === undefined ? ([door, args] as const) : (["bash", shell] as const);
  const [program, given] = site === undefined ? local : site.command(...local);
  const child = spawn(program, given, {
    env: cleanEnvironment({
      MESH_HOME: home,
      MESH_CACHE: process.env["MESH_CACHE"],
      ...parentPipe(held),
      ...env,
    }),
    stdio: ["pipe", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin.on("error", () => {}); // it may end without reading
  if (!held) child.stdin.end(input ?? "");
  const what = `mesh ${args.join(" ")}`;
  const stdout = collectOutput(child.stdout, `stdout of ${what}`);
  const stderr = collectOutput(child.stderr, `stderr of ${what}`);
  const closed = closeOf(child, stdout, stderr);
  closed.catch(() => {}); // reported by `exit`
  return {
    pid: pidOf(child),
    stdout,
    stderr,
    signal: (name) => void child.kill(name),
    exit: (boundMs = 60_000) =>
      within(closed, boundMs, () => `${what} did not exit\n${stdout.text()}\n${stderr.text()}`),
  };
}

const parentPipe = (held: boolean) => (held ? { MESH_PARENT_PIPE: "1" } : {});

/** Only what a stranger's shell has, and what the test gives: no setting of this machine changes a result. */
function cleanEnvironment(given: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "NATS_SERVER_BIN"].map(
    (name) => [name, process.env[name]] as const,
  );
  return Object.fromEntries([...kept, ...Object.entries(given)].filter(([, value]) => value !== undefined));
}

function closeOf(child: ChildProcess, stdout: ChildOutput, stderr: ChildOutput): Promise<MeshExit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ code, signal, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

/** Fails with `why` when the promise has not settled after `boundMs`. */
async function within<A>(promise: Promise<A>, boundMs: number, why: () => string): Promise<A> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`after ${boundMs} ms: ${why()}`)), boundMs);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
