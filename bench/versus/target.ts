/**
 * Starts the target as a process of its own on its own core, and asks it what it has seen.
 * It ends when this process does, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { TARGET_CORE } from "./peer.ts";

/** What the target saw between two questions. */
export interface Witness {
  readonly requests: number;
  readonly connections: number;
  /** From the first request to the last. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface Target {
  readonly url: string;
  /** What was seen since the last `take`; counting starts anew. */
  readonly take: () => Promise<Witness>;
  readonly stop: () => Promise<void>;
}

const BOUND_MS = 5_000;

export async function startTarget(): Promise<Target> {
  const main = join(import.meta.dirname, "target-main.ts");
  const child = spawn("taskset", ["-c", String(TARGET_CORE), process.execPath, main], {
    detached: true, // a Ctrl-C in the terminal is for the bench, which then stops it
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const url = (await message(child)) as string;
  return {
    url,
    take: async () => {
      const answer = message(child);
      child.send("take");
      return (await answer) as Witness;
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

async function message(child: ChildProcess): Promise<unknown> {
  const [what] = (await once(child, "message", { signal: AbortSignal.timeout(BOUND_MS) })) as [unknown];
  return what;
}
