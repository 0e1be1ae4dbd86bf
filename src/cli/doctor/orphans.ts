/**
 * Processes of ours whose parent is gone. Each has a guard or a watch that ends it within seconds, so one that is found
 * twice hangs. Relies on /proc, as on Linux; elsewhere nothing is said. Signals nothing: a person decides.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type Finding, ok, warn } from "./finding.ts";
import { isAdopter, kindOf, orphansAmong, type SeenProcess } from "./our-processes.ts";

/** A parent that has just ended may have children that are ending. */
const LOOK_AGAIN_MS = 1000;

export async function orphans(): Promise<readonly Finding[]> {
  if (process.platform !== "linux") return [];
  const first = orphansAmong(allProcesses());
  if (first.length === 0) return [ok("orphans", "none: every process of mesh has its parent")];
  await pause(LOOK_AGAIN_MS);
  const before = new Set(first.map(({ pid }) => pid));
  const stays = orphansAmong(allProcesses()).filter(({ pid }) => before.has(pid));
  if (stays.length === 0) return [ok("orphans", "none that stays")];
  return stays.map(({ home, kind, pid }) => {
    const where = home === undefined ? "" : `, of ${home}`;
    return warn("orphans", `${kind} pid ${pid} has no parent any more${where}`, `end it: kill ${pid}`);
  });
}

/** All of them, for a parent may be anybody's. */
function allProcesses(): readonly SeenProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [processOf(name)];
      } catch {
        return []; // it has ended
      }
    });
}

/** Of other users nothing is said: they can see and end their own. */
function processOf(pid: string): SeenProcess {
  const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  const isOwn = statSync(`/proc/${pid}`).uid === userInfo().uid && kindOf(args, true) !== undefined;
  const environment = isOwn ? readFileSync(`/proc/${pid}/environ`, "utf8").split("\0") : [];
  const kind = isOwn ? kindOf(args, environment.includes("MESH_PARENT_PIPE=1")) : undefined;
  const home = environment.find((entry) => entry.startsWith("MESH_HOME="))?.slice("MESH_HOME=".length);
  return { pid: Number(pid), parent, kind, home, adopts: isAdopter(Number(pid), args) };
}
