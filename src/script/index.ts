/**
 * The package's "." export: what `import … from "loadmesh"` means to an editor. At run time a bundled script
 * gets its VU's own objects instead (see `world.ts`); outside a run these exports only say so.
 */
import type { Check, CustomMetric, Execution, Group, Loadmesh, Sleep, Tags } from "./api.ts";
import type { Http } from "./http-types.ts";

export type {
  AtEnd,
  Check,
  CustomMetric,
  DataFile,
  DataFileOptions,
  Execution,
  Group,
  Loadmesh,
  Sleep,
  Tags,
} from "./api.ts";
export { defineConfig, type MeshConfig } from "./config.ts";
export type {
  BatchRequest,
  CookieOptions,
  ExpectedStatuses,
  FileData,
  Http,
  HttpUrl,
  Params,
  RequestBody,
  RequestCookie,
  RequestUrl,
  Response,
  ResponseCookie,
  ResponseType,
  ScriptCookieJar,
  SentRequest,
  StatusRange,
  Timings,
} from "./http-types.ts";
export type {
  ConstantArrivalRateOptions,
  ConstantVusOptions,
  Duration,
  Options,
  PerVuIterationsOptions,
  RampingArrivalRateOptions,
  RampingVusOptions,
  ScenarioOptions,
  SharedIterationsOptions,
  Stage,
  ThresholdOption,
} from "./options.ts";

declare global {
  /** This VU's number, 1-based, unique in the run; 0 in `setup` and `teardown`. */
  const __VU: number;
  /** This VU's iteration, 0-based. */
  const __ITER: number;
  /** k6's: the text of a file beside the script, or its bytes with "b"; in module scope only. */
  function open(path: string): string;
  function open(path: string, mode: "b"): ArrayBuffer;
  /** The values given with `--env`, and the scenario's `env`. */
  const __ENV: Record<string, string>;
}

const outside = (): never => {
  throw new Error(
    `"loadmesh" works inside a run only. Start the script with: mesh run ${process.argv[1] ?? "SCRIPT"}`,
  );
};

export const http: Http = new Proxy({} as Http, { get: outside });
/** `http`, as scripts of k6 import it. */
export default new Proxy({} as Http, { get: outside });
export const exec: Execution = new Proxy({} as Execution, { get: outside });
export const check: Check = outside;
export const group: Group = outside;
export const sleep: Sleep = outside;
export const abort: Loadmesh["abort"] = outside;
export const fail: Loadmesh["fail"] = outside;
export const secrets: Loadmesh["secrets"] = { get: outside };
export const dataFile: Loadmesh["dataFile"] = outside;
export const SharedArray: Loadmesh["SharedArray"] = class<T> extends Array<T> {
  constructor(_name: string, _make: () => readonly T[]) {
    super();
    outside();
  }
};
export const randomIntBetween: Loadmesh["randomIntBetween"] = outside;
export const randomItem: Loadmesh["randomItem"] = outside;
export const randomString: Loadmesh["randomString"] = outside;
export const uuidv4: Loadmesh["uuidv4"] = outside;

class OutsideMetric implements CustomMetric {
  declare readonly name: string;
  constructor(_name: string, _isTime?: boolean) {
    outside();
  }
  add(_value: number | boolean, _tags?: Tags): void {
    outside();
  }
}

/** Sums what is added. */
export class Counter extends OutsideMetric {}
/** Keeps the last value, and min and max. */
export class Gauge extends OutsideMetric {}
/** The share of values that are true. */
export class Rate extends OutsideMetric {}
/** The distribution of values. */
export class Trend extends OutsideMetric {}
