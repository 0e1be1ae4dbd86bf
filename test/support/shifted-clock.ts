/**
 * A wall clock that is wrong, for a process and what it starts: Debian's libfaketime, before the C library. The monotonic clock
 * stays. A nats-server asks no C library for the time and keeps the right one; so do workers, which get no environment.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { debianFile } from "./debian-file.ts";

export interface ShiftedClock {
  /** What such a process finds in its environment; undefined where it cannot be had. */
  readonly env: Readonly<Record<string, string>> | undefined;
  /** What is in the way then. */
  readonly why: string;
}

/** `by`: as libfaketime reads it, such as `+1h`. */
export async function shiftedClock(by: string): Promise<ShiftedClock> {
  const { path, why } = await debianFile("libfaketime", "usr/lib/*/faketime/libfaketimeMT.so.1");
  const env = { LD_PRELOAD: path, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
  return { env: path === "" ? undefined : env, why };
}

const SHARED = "/dev/shm";

/** Whoever executes another program, as `bin/mesh` does, leaves its shared memory behind. */
export function removeLeftClocks(): void {
  if (!existsSync(SHARED)) return;
  for (const name of readdirSync(SHARED)) {
    const pid = /^(?:sem\.faketime_sem|faketime_shm)_(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(SHARED, name), { force: true });
  }
}
