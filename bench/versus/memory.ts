/**
 * The most memory that the processes pinned to a core had together, by proportional set size: pages shared by several
 * processes, such as Node's own code, count once. Relies on /proc, so on Linux. Sampled: short peaks are missed.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Seldom: reading it takes locks of the processes that are measured. */
const SAMPLE_MS = 2000;

/** Samples while `work` runs. Processes that were pinned there before are somebody else's and not counted. */
export async function withPeakMemory<T>(
  core: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peakMiB: number }> {
  const others = new Set(pinnedTo(core));
  let peakKiB = 0;
  const timer = setInterval(() => {
    const own = pinnedTo(core).filter((pid) => !others.has(pid));
    peakKiB = Math.max(
      peakKiB,
      own.reduce((sum, pid) => sum + proportionalKiB(pid), 0),
    );
  }, SAMPLE_MS);
  try {
    const result = await work();
    return { result, peakMiB: peakKiB / 1024 };
  } finally {
    clearInterval(timer);
  }
}

function pinnedTo(core: number): readonly string[] {
  return readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && field(pid, "status", "Cpus_allowed_list") === String(core),
  );
}

const proportionalKiB = (pid: string): number => Number.parseInt(field(pid, "smaps_rollup", "Pss") ?? "0");

/** Undefined for a process that has gone, or has no such field, as the kernel's own threads. */
function field(pid: string, file: string, name: string): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
    return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1];
  } catch {
    return undefined;
  }
}
