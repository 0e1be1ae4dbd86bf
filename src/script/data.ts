/**
 * What one VU reads files with: k6's `open` and `SharedArray`, and `dataFile`, which deals items out so that no two
 * iterations, or no two VUs, of the whole mesh have the same one. Nothing is asked or counted for that: an item follows
 * from the iteration's global index, or from the VU's number.
 */
import type { AtEnd, DataFile, DataFileOptions, Loadmesh, ReadDataFile } from "./api.ts";
import type { VuState } from "./vu-state.ts";

/** Thrown when a data file has no item left for an iteration or a VU. */
export class DataExhausted extends Error {
  override name = "DataExhausted";
}

function needModule(vu: VuState, call: string): void {
  if (vu.phase === "module") return;
  throw new Error(
    `${call} reads a file, which only works in module scope: files travel with the script, before the run`,
  );
}

function checkPath(call: string, path: unknown): asserts path is string {
  if (typeof path !== "string" || path === "")
    throw new TypeError(`${call}(${String(path)}): give the path of a file`);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new TypeError(`${call}("${path}"): give the path of a file, not a URL`);
  }
}

/** k6's global `open`, for one VU. */
export function openOf(vu: VuState) {
  return (path: unknown, mode: unknown = ""): string | ArrayBuffer => {
    needModule(vu, "open()");
    checkPath("open", path);
    const { files } = vu.settings;
    if (mode === "b") return files.buffer(path);
    if (mode !== "")
      throw new TypeError(`open("${path}", ${JSON.stringify(mode)}): the mode is "b" or nothing`);
    return files.text(path);
  };
}

export function sharedArrayOf(vu: VuState): Loadmesh["SharedArray"] {
  const SharedArray = function <T>(name: string, make: () => readonly T[]): readonly T[] {
    needModule(vu, "new SharedArray()");
    if (typeof name !== "string" || name === "" || typeof make !== "function") {
      throw new TypeError(
        "new SharedArray(name, function): give a name, and a function that returns an array",
      );
    }
    return vu.settings.files.list(name, make) as readonly T[];
  };
  return SharedArray as unknown as Loadmesh["SharedArray"];
}

export function dataFileOf(vu: VuState): ReadDataFile {
  return <T>(path: string, options: DataFileOptions = {}) => {
    needModule(vu, "dataFile()");
    checkPath("dataFile", path);
    const { columns, delimiter } = options;
    if (delimiter === "" || (columns !== undefined && !Array.isArray(columns))) {
      throw new TypeError(`dataFile("${path}"): delimiter is a text, columns a list of names`);
    }
    const items = vu.settings.files.records(path, options) as readonly T[];
    const { scenarios } = vu.settings;
    const unknown = options.scenarios?.find((name) => scenarios.length > 0 && !scenarios.includes(name));
    if (unknown !== undefined) throw new Error(`dataFile("${path}"): there is no scenario "${unknown}"`);
    return new Items(vu, path, items, options.scenarios ?? scenarios);
  };
}

class Items<T> implements DataFile<T> {
  readonly items: readonly T[];
  readonly #vu: VuState;
  readonly #path: string;
  readonly #scenarios: readonly string[];

  constructor(vu: VuState, path: string, items: readonly T[], scenarios: readonly string[]) {
    this.#vu = vu;
    this.#path = path;
    this.items = items;
    this.#scenarios = scenarios;
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): T | undefined {
    return this.items.at(index);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  random(): T {
    return this.items[Math.floor(this.#vu.random.next() * this.length)] as T;
  }

  unique(options?: AtEnd): T {
    const { phase, identity, iterationInTest } = this.#vu;
    if (phase !== "iteration") throw new Error(`${this.#path}: unique() works in an iteration only`);
    const { scenario } = identity;
    const turn = this.#scenarios.indexOf(scenario);
    if (turn < 0) {
      const dealt = this.#scenarios.join(", ");
      throw new Error(
        `${this.#path}: its items are dealt out to ${dealt} only, this is scenario "${scenario}"`,
      );
    }
    // Scenarios take turns, so that they need not know how far the others are.
    const index = iterationInTest * this.#scenarios.length + turn;
    return this.#take(index, options, `iteration ${iterationInTest} of scenario "${scenario}"`);
  }

  forVu(options?: AtEnd): T {
    const vu = this.#vu.identity.idInTest;
    if (vu === 0) throw new Error(`${this.#path}: forVu() works in a VU only, not in setup() or teardown()`);
    return this.#take(vu - 1, options, `VU ${vu}`);
  }

  #take(index: number, { atEnd = "fail" }: AtEnd = {}, forWhom: string): T {
    if (index < this.length || atEnd === "repeat") return this.items[index % this.length] as T;
    const among = this.#scenarios.length > 1 ? ` (${this.#scenarios.length} scenarios take turns)` : "";
    throw new DataExhausted(
      `${this.#path} has ${this.length} items and none left for ${forWhom}${among}: ` +
        'use a longer file, fewer iterations, or { atEnd: "repeat" }',
    );
  }
}
