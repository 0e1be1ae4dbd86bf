/**
 * `<home>/keeper.json`: who the keeper is, where it listens, and every process it started, so that whoever comes after
 * a killed keeper can find what is left of it. Relies on process identities, not on pids. It holds no secrets.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, isAlive } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";

export interface KeeperRecord extends ProcessIdentity {
  readonly socket: string;
  /** Guards and servers started by this keeper. */
  readonly started: readonly ProcessIdentity[];
}

const recordPath = (home: string): string => join(home, "keeper.json");

/** Reads a record's text; undefined for anything that is not a whole record (a half-written or foreign file). */
export function parseRecord(text: string): KeeperRecord | undefined {
  try {
    const record = JSON.parse(text) as KeeperRecord | null;
    if (!isIdentity(record) || typeof record.socket !== "string") return undefined;
    return Array.isArray(record.started) && record.started.every(isIdentity) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the type it is given: what the type promises is what is being checked. */
function isIdentity<Value extends ProcessIdentity>(value: Value | null): value is Value {
  return Number.isSafeInteger(value?.pid) && Number(value?.pid) > 0 && typeof value?.startedAt === "string";
}

/** The record in this home, or undefined if there is none that can be read. */
export function readRecord(home: string): KeeperRecord | undefined {
  try {
    return parseRecord(readFileSync(recordPath(home), "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes the record whole: a reader sees the old one or the new one. Synchronous, so nothing starts unrecorded. */
export function writeRecord(home: string, record: KeeperRecord): void {
  const unfinished = `${recordPath(home)}.new`;
  writeFileSync(unfinished, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(unfinished, recordPath(home));
}

export function removeRecord(home: string): void {
  rmSync(recordPath(home), { force: true });
}

/**
 * Cleans up after a keeper that is gone: ends what it had started, removes its socket and its record.
 * Called by the next keeper, under the lock. False if the recorded keeper still runs, or a server would not end.
 */
export async function cleanStaleRecord(home: string): Promise<boolean> {
  const record = readRecord(home);
  if (record === undefined) return true;
  if (isAlive(record)) return false;
  const ended = await Promise.all(record.started.map((identity) => end(identity, 2000)));
  if (ended.includes(false)) return false;
  rmSync(record.socket, { force: true });
  removeRecord(home);
  return true;
}
