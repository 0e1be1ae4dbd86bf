/** Starts the target with a clock on the target's core, and asks it what it has noted. It ends when this process does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { TARGET_CORE } from "../versus/peer.ts";

export interface Noted {
  /** The number in each path, or the place in the order of arrival. */
  readonly numbers: readonly number[];
  readonly instantsUs: readonly number[];
  /** How long answers really took at the target, by the path's delay. */
  readonly delaysUs: Readonly<Record<string, readonly number[]>>;
}

export interface ClockTarget {
  readonly url: string;
  readonly take: () => Promise<Noted>;
  readonly stop: () => Promise<void>;
}

const BOUND_MS = 10_000;

export async function startClockTarget(): Promise<ClockTarget> {
  const main = join(import.meta.dirname, "target-main.ts");
  const child = spawn("taskset", ["-c", String(TARGET_CORE), process.execPath, main], {
    detached: true,
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const heard = async (): Promise<unknown> => {
    const [what] = (await once(child, "message", { signal: AbortSignal.timeout(BOUND_MS) })) as [unknown];
    return what;
  };
  const url = (await heard()) as string;
  return {
    url,
    take: async () => {
      const answer = heard();
      child.send("take");
      return (await answer) as Noted;
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
