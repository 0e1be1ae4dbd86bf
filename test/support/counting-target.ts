/** Starts `counting-target-main.ts` as a child and asks it. It ends with this process even if that is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { collectOutput } from "./child-output.ts";
import type { Site } from "./network.ts";
import { pidOf } from "./pid-of.ts";

export interface TargetStats {
  /** Requests that arrived, whatever became of them. */
  readonly total: number;
  readonly answered: number;
  readonly connections: number;
  readonly refused: number;
  /** When the last one arrived, ms since the epoch. */
  readonly lastAt: number;
  readonly paths: Readonly<Record<string, number>>;
}

export interface TargetBehaviour {
  readonly delayMs?: number;
  readonly refuse?: boolean;
  readonly status?: number;
}

export interface CountingTarget extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly stats: () => Promise<TargetStats>;
  /** From now on, for new requests and new connections. */
  readonly behave: (how: TargetBehaviour) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const BOUND_MS = 10_000;
const main = join(import.meta.dirname, "counting-target-main.ts");

/**
 * A new target on a free port of this host or of a site, or at `at` there, all counts zero. Listens when this resolves;
 * fails after 10 s.
 */
export async function startCountingTarget(site?: Site, at?: string): Promise<CountingTarget> {
  const local = [main, site?.address ?? "127.0.0.1", ...(at?.split(":") ?? [])];
  const [program, args] = site?.command(process.execPath, local) ?? [process.execPath, local];
  const child = spawn(program, args, { env: {}, stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  child.stdin.on("error", () => {}); // it may be killed by a test
  const [line] = await collectOutput(child.stdout, "counting target").line(/^\{.*\}$/, BOUND_MS);
  const { url, control: controlUrl } = JSON.parse(line) as { url: string; control: string };
  const control = `http://${(await site?.tap(Number(new URL(controlUrl).port))) ?? new URL(controlUrl).host}`;
  const ask = async (init: RequestInit): Promise<TargetStats> => {
    const answer = await fetch(control, { ...init, signal: AbortSignal.timeout(BOUND_MS) });
    return (await answer.json()) as TargetStats;
  };
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), BOUND_MS);
    await closed.finally(() => clearTimeout(timer));
  };
  return {
    url,
    pid: pidOf(child),
    stats: () => ask({}),
    behave: async (how) => void (await ask({ method: "POST", body: JSON.stringify(how) })),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
