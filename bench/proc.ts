/** What Linux says of a process in /proc: memory, CPU, parents, limits. Undefined or 0 for one that has gone. */
import { readdirSync, readFileSync } from "node:fs";

/** The kernel's unit of CPU time in /proc is a hundredth of a second. */
const TICKS_PER_SECOND = 100;

function read(pid: number | "self", file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Proportional set size: pages shared by several processes, such as Node's own code, count in parts. */
export const pssKiB = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0);

/** Of that, what is no file: code that comes and goes with other processes of the machine does not disturb it. */
export const anonymousKiB = (pid: number): number =>
  Number(/^Pss_Anon:\s+(\d+)/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0);

/** CPU time so far, of all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = read(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

export const commandOf = (pid: number): string => read(pid, "cmdline").replaceAll("\0", " ").trim();

/** Pids of the living children of a process. */
export const childrenOf = (parent: number): readonly number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number(read(pid, "stat").split(") ").at(-1)?.split(" ")[1]) === parent);

/** How many descriptors, and so connections, a process may have. */
export const descriptorLimit = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(read("self", "limits"))?.[1] ?? 1024);

/** Memory of the whole kernel that connections take: slabs and socket buffers, in KiB. */
export function kernelKiB(): number {
  const slab = /^Slab:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const pages = /^TCP:.*mem (\d+)/m.exec(readFileSync("/proc/net/sockstat", "utf8"))?.[1];
  return Number(slab ?? 0) + Number(pages ?? 0) * 4;
}
