/**
 * Says whether a process is still the one that was written down: pids are used again, so a pid alone proves nothing.
 * Relies on /proc/<pid>/stat on Linux and `ps -o lstart=` elsewhere. It never starts or forgets a process.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** `startedAt` is an opaque token, equal for the same process and different for another one with its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** The start token in the text of /proc/<pid>/stat; undefined for a zombie, which is dead already. */
export function startInProcStat(stat: string): string | undefined {
  // The command's name, in parentheses, may itself hold spaces and parentheses: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

/** The identity of a running process, or undefined if there is none with this pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined || startedAt === "" ? undefined : { pid, startedAt };
}

function startOnLinux(pid: number): string | undefined {
  try {
    return startInProcStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const options = { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, timeout: 5000 } as const;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], options).trim();
  } catch {
    return undefined;
  }
}

/** True while this very process runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** Sends a signal to this very process; false if it was gone. */
export function signalTo(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

/** Waits until this very process is gone; false if it still runs after `boundMs`. */
export async function gone(identity: ProcessIdentity, boundMs: number): Promise<boolean> {
  const end = performance.now() + boundMs;
  while (isAlive(identity)) {
    if (performance.now() >= end) return false;
    await pause(10);
  }
  return true;
}

/** Ends this very process: asks with SIGTERM, insists with SIGKILL after `patienceMs`; false if even that did not help. */
export async function end(identity: ProcessIdentity, patienceMs: number): Promise<boolean> {
  if (!signalTo(identity, "SIGTERM") || (await gone(identity, patienceMs))) return true;
  signalTo(identity, "SIGKILL");
  return gone(identity, 2000);
}
