/**
 * What the agent knows of a worker as a process: the environment it gets, its memory, and why it ended, in words.
 */
import { readFileSync } from "node:fs";

/** What a worker's environment may hold; scripts get `--env` values as `__ENV`, not here. */
const ENVIRONMENT = ["PATH", "TZ", "LANG", "NODE_COMPILE_CACHE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/** The environment of a worker. */
export const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

/** Why a worker process ended by itself, in words. */
export function causeOfExit(
  code: number | null,
  signal: NodeJS.Signals | null,
  ranOutOfMemory: boolean,
): string {
  if (ranOutOfMemory) return "ran out of memory";
  if (signal === "SIGKILL") return "was killed by SIGKILL (by hand, or by the system when memory ran out)";
  if (signal) return `was killed by ${signal}`;
  return code === 70 ? "failed inside (a defect of mesh)" : `called process.exit(${code ?? 0})`;
}

/** Memory of a process where the system tells it: a worker that collects garbage all the time does not answer. */
export function memoryMbOf(pid: number): number | undefined {
  try {
    const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
  } catch {
    return undefined;
  }
}
