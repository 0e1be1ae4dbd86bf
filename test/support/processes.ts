/**
 * Finds the living processes of a `MESH_HOME`: those that have it in their environment or name a path in it in their
 * arguments. Relies on /proc, as on Linux; elsewhere it finds none, and tests of leftovers are skipped there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export interface LiveProcess {
  readonly pid: number;
  readonly command: string;
}

const POLL_MS = 25;

/** True where `processesOf` can see anything. */
export const seesProcesses = process.platform === "linux";

/** Living processes of a home, this one excepted. A zombie is dead and not listed. */
export function processesOf(home: string): readonly LiveProcess[] {
  if (!seesProcesses) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = readProc(name, "cmdline").replaceAll("\0", " ").trim();
      return belongsTo(home, name, command) ? [{ pid: Number(name), command }] : [];
    });
}

function belongsTo(home: string, pid: string, command: string): boolean {
  if (`${command} `.includes(`${home}/`) || `${command} `.includes(`${home} `)) return true;
  return readProc(pid, "environ").split("\0").includes(`MESH_HOME=${home}`);
}

/** Empty for a process that has gone, is a zombie, or is somebody else's. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Waits until a home has no process any more; returns those left after `boundMs`. There is no event to wait for. */
export async function withoutProcesses(home: string, boundMs: number): Promise<readonly LiveProcess[]> {
  const until = performance.now() + boundMs;
  for (;;) {
    const left = processesOf(home);
    if (left.length === 0 || performance.now() >= until) return left;
    await pause(POLL_MS);
  }
}

/** Kills these processes at once, whatever they are doing. */
export function killAll(left: readonly LiveProcess[]): void {
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // gone in between: that is what was wanted
    }
  }
}
