/**
 * The files that a worker's scripts read: each is decoded once, and all VUs share what came of it. Where the bytes come
 * from is the engine's affair: the author's disk while options are learned, the mesh's store in a run.
 */
import { posix } from "node:path";
import type { DataFileOptions } from "./api.ts";
import { DataFileError } from "./data-file-error.ts";
import { deepFreeze, recordsOf } from "./data-records.ts";

/** @throws DataFileError when there is no such file for this script */
export type ReadBytes = (name: string) => Uint8Array;

/** A path as scripts write it, in one form: `./users.csv` and `users.csv` are the same file. */
const nameOf = (path: string): string => posix.normalize(path.replaceAll("\\", "/"));

export class DataFiles {
  readonly #read: ReadBytes;
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #made = new Map<string, unknown>();

  constructor(read: ReadBytes) {
    this.#read = read;
  }

  text(path: string): string {
    const name = nameOf(path);
    return this.#once(`text ${name}`, () => Buffer.from(this.#of(name)).toString("utf8"));
  }

  /** The same memory for everyone, as in k6. */
  buffer(path: string): ArrayBuffer {
    const name = nameOf(path);
    return this.#once(`buffer ${name}`, () => new Uint8Array(this.#of(name)).buffer);
  }

  records(path: string, options: DataFileOptions): readonly unknown[] {
    const name = nameOf(path);
    const { columns, delimiter } = options;
    const key = `records ${name} ${JSON.stringify([delimiter, columns])}`;
    return this.#once(key, () => recordsOf(name, this.#of(name), options));
  }

  /** The list of this name; `make` is asked by the first VU only. */
  list(name: string, make: () => unknown): readonly unknown[] {
    return this.#once(`list ${name}`, () => {
      const list = make();
      if (!Array.isArray(list)) {
        throw new TypeError(`new SharedArray("${name}", …): its function must return an array`);
      }
      return deepFreeze(JSON.parse(JSON.stringify(list))) as readonly unknown[];
    });
  }

  #of(name: string): Uint8Array {
    const before = this.#bytes.get(name);
    if (before) return before;
    const bytes = this.#read(name);
    if (bytes.length === 0) throw new DataFileError("the file is empty", { file: name, line: 1, column: 1 });
    this.#bytes.set(name, bytes);
    return bytes;
  }

  #once<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key) as T;
  }
}
