/**
 * What is said when the embedded ClickHouse does not start: one sentence, and one about what to do. Relies on what the
 * engine prints; it decides nothing.
 */
import { readFileSync } from "node:fs";
import { KeeperError } from "../keeper-error.ts";
import { tailOf } from "../run-program.ts";

/** A disk without room, as Node and as the engine put it. */
const FULL = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|NOT_ENOUGH_SPACE/;
const FULL_HINT = "Make room there, or set MESH_HOME to a directory on another disk; runs land later.";

const diskFull = (folder: string): KeeperError =>
  new KeeperError("start", `ClickHouse cannot write to ${folder}: the disk is full`, FULL_HINT);

/** Runs what writes to the disk; a full one is said in one sentence. */
export function whereFull<A>(folder: string, write: () => A): A {
  try {
    return write();
  } catch (error) {
    throw FULL.test(String((error as NodeJS.ErrnoException).code)) ? diskFull(folder) : error;
  }
}

/** True when data were last opened by an engine that is newer than ours: formats on disk go forward only. */
export function otherEngine(before: string, engine: string): boolean {
  const [wrote, here] = [before, engine].map((text) => /^(\d+)\.(\d+)/.exec(text));
  if (wrote == null || here == null) return false;
  const difference = Number(wrote[1]) - Number(here[1]) || Number(wrote[2]) - Number(here[2]);
  return difference > 0;
}

/** From the end of its log and how it ended, why it is not there. */
export function startFailure(folder: string, logFile: string, how: string): KeeperError {
  const log = logOf(logFile);
  if (FULL.test(log)) return diskFull(folder);
  if (log.includes("Cannot lock file")) {
    const hint = "End that process, or set MESH_HOME to another directory.";
    return new KeeperError("start", `another process has the ClickHouse data in ${folder} open`, hint);
  }
  const reason = reasonIn(log);
  if (reason === undefined) {
    return new KeeperError("start", `ClickHouse did not start (${how})\n${tailOf(log)}`, `See ${logFile}.`);
  }
  const hint = `If its files are damaged or of another version, move ${folder} away to start anew; see ${logFile}.`;
  return new KeeperError("start", `ClickHouse cannot open ${folder}: ${reason}`, hint);
}

/** The engine's first sentence about what went wrong, without its code and stack. */
function reasonIn(log: string): string | undefined {
  const found = /DB::Exception: (.+)/.exec(log)?.[1];
  return found?.split(/, Stack trace|: While |\(version /)[0]?.slice(0, 300);
}

function logOf(path: string): string {
  try {
    return readFileSync(path, "utf8").slice(-20_000);
  } catch {
    return "(it wrote no log)";
  }
}
