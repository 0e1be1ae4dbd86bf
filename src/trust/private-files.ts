/**
 * Files that hold keys: folders 0700, files 0600, written whole by a rename. What is there already is never replaced
 * unless a caller says that it is its own file of an earlier day.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TrustError } from "./trust-error.ts";

/** A folder and those above it, each private where it is new. Not `recursive`: on /proc Node would try for ever. */
export function makePrivate(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makePrivate(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(folder, error);
  }
}

/** Whole or not at all: a server may read it at the same moment. */
export function writePrivate(file: string, content: string | Uint8Array): void {
  makePrivate(dirname(file));
  const fresh = `${file}.new-${process.pid}`;
  try {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, content, { mode: 0o600, flag: "wx" });
    renameSync(fresh, file);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Made empty where it is missing; what is in it stays. */
export function ensurePrivate(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(path: string, error: unknown): TrustError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new TrustError(`cannot write ${path} (${code ?? message})`, "name a folder that you can write to");
}
