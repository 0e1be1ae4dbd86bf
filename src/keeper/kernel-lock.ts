/**
 * A lock between processes that the kernel drops when its holder dies, however it dies: there is no stale lock to judge.
 * Relies on SQLite's file lock (an exclusive transaction on an empty database), the one such lock that Node brings
 * along. It is not for network file systems without working locks, and it says nothing about who holds it.
 */
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";

export interface KernelLock {
  release(): void;
}

const sqliteBusy = 5;

/** Takes the lock on this file (created if missing), or returns undefined at once if another holds it. */
export function tryLock(path: string): KernelLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

export interface LockWait {
  readonly boundMs: number;
  /** Called once, if the lock is not free at the first try. */
  readonly onWait?: () => void;
}

/** Takes the lock, waiting for it if need be; undefined if it was not to be had within the bound. */
export async function lockWithin(path: string, wait: LockWait): Promise<KernelLock | undefined> {
  const endMs = performance.now() + wait.boundMs;
  for (let tries = 0; ; tries += 1) {
    const lock = tryLock(path);
    if (lock !== undefined || performance.now() >= endMs) return lock;
    if (tries === 0) wait.onWait?.();
    await pause(20);
  }
}
