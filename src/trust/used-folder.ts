/**
 * A folder that holds keys is made as a whole or not at all: beside its place first, then renamed. Keys are never
 * overwritten: the place must be new, or empty.
 */
import { readdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { makePrivate } from "./private-files.ts";
import { TrustError } from "./trust-error.ts";

/** Whatever `make` fails with, nothing is left behind. It gets the path where it may write. */
export async function makeWhole<A>(path: string, make: (fresh: string) => Promise<A>): Promise<A> {
  refuseUsed(path);
  const fresh = `${path}.new-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    makePrivate(dirname(path));
    const made = await make(fresh);
    putAt(fresh, path);
    return made;
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Fails where a disk is mounted at the place itself, or a link stands there. */
function putAt(fresh: string, path: string): void {
  try {
    renameSync(fresh, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TrustError(
      `cannot put a folder at ${path} (${code ?? message})`,
      "name one that is not there yet: of a disk that is mounted, a folder inside of it",
    );
  }
}

function refuseUsed(path: string): void {
  const [first] = namesIn(path);
  if (first === undefined) return;
  throw new TrustError(
    `${path} is not empty (${first} is in it); nothing was written`,
    "name a folder that is not there yet: keys that exist are never overwritten",
  );
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new TrustError(`cannot read ${path} (${code ?? message})`, "name a folder that you can write to");
  }
}
