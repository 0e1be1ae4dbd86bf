/**
 * One command at a time changes the keys and records of a folder. They are read, changed and written again: two at once
 * would undo each other's revocations. What a command knows of a folder it must read inside.
 */
import { join, resolve } from "node:path";
import { type KernelLock, lockWithin } from "../../keeper/kernel-lock.ts";
import { ensurePrivate } from "../../trust/private-files.ts";
import { usage } from "./choices.ts";

/** A command that asks two silent servers takes half of it. */
const LOCKED_WITHIN_MS = 40_000;

/** Does it while nobody else changes these folders. */
export async function whileLocked<A>(
  folders: readonly string[],
  work: () => Promise<A>,
  boundMs = LOCKED_WITHIN_MS,
): Promise<A> {
  const locks: KernelLock[] = [];
  try {
    // In one order, whoever asks: else two could wait for each other.
    const paths = new Set(folders.map((folder) => resolve(folder)));
    for (const path of [...paths].toSorted()) locks.push(await lockOf(path, boundMs));
    return await work();
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function lockOf(folder: string, boundMs: number): Promise<KernelLock> {
  const file = join(folder, "keys.lock");
  ensurePrivate(file);
  const lock = await lockWithin(file, { boundMs });
  if (lock !== undefined) return lock;
  throw usage(
    `another command is changing the keys of ${folder}, and has not ended in ${boundMs / 1000} s`,
    "nothing was changed; do it again when that one has ended",
  );
}
