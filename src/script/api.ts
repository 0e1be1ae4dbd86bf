/**
 * Everything a script can import from `loadmesh`, as types. The implementation is made once per VU by
 * `world.ts`; `index.ts` gives these types to editors.
 */
import type { Http } from "./http-types.ts";

/** Values a tag may have in a script; samples carry them as text. */
export type Tags = Record<string, string | number | boolean>;

/**
 * Judges `value` by named conditions. Each counts in `checks`; none changes the exit code.
 * @returns true when every condition held
 */
export type Check = <T>(value: T, conditions: Record<string, (value: T) => unknown>, tags?: Tags) => boolean;

/** Runs `fn` under a group name: its samples carry the tag `group`, its time is `group_duration`. */
export type Group = <T>(name: string, fn: () => T | Promise<T>) => Promise<T>;

/** Waits so many seconds. */
export type Sleep = (seconds: number) => Promise<void>;

export interface CustomMetric {
  readonly name: string;
  add(value: number | boolean, tags?: Tags): void;
}

/** Makes a custom metric; only in module scope, as in k6. `isTime` says that values are milliseconds. */
export type MetricClass = new (name: string, isTime?: boolean) => CustomMetric;

/** Where in the run this code is executing. */
export interface Execution {
  readonly vu: {
    /** 1-based, unique in the run. 0 in `setup` and `teardown`. */
    readonly idInTest: number;
    /** 1-based, unique in this worker process. */
    readonly idInInstance: number;
    /** 0-based count of this VU's iterations in its scenario. */
    readonly iterationInScenario: number;
    /** 0-based count of this VU's iterations on this worker. */
    readonly iterationInInstance: number;
  };
  readonly scenario: {
    readonly name: string;
    readonly executor: string;
    /** Milliseconds since the Unix epoch. */
    readonly startTime: number;
    /** 0-based, unique in the scenario over all machines; a dropped iteration leaves a hole. */
    readonly iterationInTest: number;
    /** 0-based, unique in this worker process. */
    readonly iterationInInstance: number;
  };
  readonly test: { abort(reason?: string): never };
}

/** k6-utils' draws, from the iteration's own stream: the same again under the same `--seed`, as `Math.random()`. */
export interface RandomFunctions {
  /** A whole number from `min` to `max`, both included. */
  readonly randomIntBetween: (min: number, max: number) => number;
  readonly randomItem: <T>(items: readonly T[]) => T;
  /** So many characters of `alphabet`; small letters when none is given. */
  readonly randomString: (length: number, alphabet?: string) => string;
  /** A UUID of version 4. `secure` takes it from the system: unguessable, and never the same again. */
  readonly uuidv4: (secure?: boolean) => string;
}

/** How a data file is read and dealt out. */
export interface DataFileOptions {
  /** Between the fields of a row; `,` in `.csv`, a tab in `.tsv`. */
  readonly delimiter?: string;
  /** Names of the columns, for a file without a header. */
  readonly columns?: readonly string[];
  /** The scenarios that `unique()` deals the items out to; all of the plan when it is not given. */
  readonly scenarios?: readonly string[];
}

export interface AtEnd {
  /** When no item is left: `fail` ends the iteration with an error (the default), `repeat` begins again. */
  readonly atEnd?: "fail" | "repeat";
}

/** A file's records: read once per worker, frozen, and the same for every VU. */
export interface DataFile<T> extends Iterable<T> {
  readonly length: number;
  /** As `Array.prototype.at`. */
  at(index: number): T | undefined;
  /** All items, as a frozen array. */
  readonly items: readonly T[];
  /** This iteration's own item: no other iteration of the run has it, on whatever machine it runs. */
  unique(options?: AtEnd): T;
  /** This VU's own item: no other VU of the run has it. */
  forVu(options?: AtEnd): T;
  /** Any item, from the iteration's own chance. */
  random(): T;
}

/** Reads a `.csv`, `.tsv`, `.json`, `.ndjson` or `.txt` beside the script; in module scope only. */
export type ReadDataFile = <T = Record<string, string>>(
  path: string,
  options?: DataFileOptions,
) => DataFile<T>;

/** k6's: `make` is called once per worker, and all VUs read the frozen list that it returns; in module scope only. */
export type SharedArrayClass = new <T>(name: string, make: () => readonly T[]) => readonly T[];

/** The module `loadmesh`, beside the classes of metrics. */
export interface Loadmesh extends RandomFunctions {
  /** Values of `--secret`, redacted wherever they would show. */
  readonly secrets: { get(name: string): Promise<string> };
  readonly dataFile: ReadDataFile;
  readonly SharedArray: SharedArrayClass;
  readonly http: Http;
  readonly check: Check;
  readonly group: Group;
  readonly sleep: Sleep;
  readonly exec: Execution;
  /** Ends the whole run, everywhere: exit code 108. */
  readonly abort: (reason?: string) => never;
  /** Throws: ends this iteration with an error. */
  readonly fail: (message?: string) => never;
}
