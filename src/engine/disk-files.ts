/**
 * The files that module scope reads on the author's machine, while options are learned. What it reads is remembered,
 * since exactly that travels with the script. It knows no server.
 */
import { readFileSync, statSync, type Stats } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { DATA_BYTES_MAX } from "../domain/plan/limits.ts";
import { DataFileError } from "../script/data-file-error.ts";
import type { DataBytes } from "../ports/workers.ts";

const MIB = 2 ** 20;

export class DiskFiles {
  readonly read: DataBytes[] = [];
  readonly #folder: string;
  #bytes = 0;

  /** @param folder of the script: relative paths begin there */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws DataFileError */
  readonly bytesOf = (name: string): Uint8Array => {
    const path = isAbsolute(name) ? name : join(this.#folder, name);
    this.#bytes += sizeOf(name, path);
    if (this.#bytes > DATA_BYTES_MAX) {
      const size = `${Math.ceil(this.#bytes / MIB)} MiB with "${name}"`;
      throw new DataFileError(
        `the data files of a script may have ${DATA_BYTES_MAX / MIB} MiB together, and these have ${size}: ` +
          "they travel to every agent, and each of its workers holds them",
      );
    }
    const bytes = attempt(name, path, () => readFileSync(path));
    this.read.push({ name, bytes });
    return bytes;
  };
}

function sizeOf(name: string, path: string): number {
  const found: Stats = attempt(name, path, () => statSync(path));
  if (found.isFile()) return found.size;
  throw new DataFileError(
    `"${name}" is ${found.isDirectory() ? "a directory" : "no regular file"}, not a file`,
  );
}

function attempt<T>(name: string, path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read: ${message}`;
    throw new DataFileError(`"${name}": ${why} (looked for ${resolve(path)})`);
  }
}
