/**
 * What a script may import from "loadmesh". Bundling loads neither the script's API nor its types, so the names are written
 * down; a unit test holds them equal to what `src/script` exports and to what a VU is given.
 */

/** What a VU is given. */
export const VALUES: readonly string[] = [
  "http",
  "check",
  "group",
  "sleep",
  "fail",
  "abort",
  "exec",
  "Counter",
  "Gauge",
  "Rate",
  "Trend",
  "dataFile",
  "SharedArray",
  "secrets",
  "randomIntBetween",
  "randomItem",
  "randomString",
  "uuidv4",
  "default",
];

/** May be imported without the word `type`: nothing is left of them when the script runs. */
export const TYPES: readonly string[] = [
  "AtEnd",
  "BatchRequest",
  "Check",
  "ConstantArrivalRateOptions",
  "ConstantVusOptions",
  "CookieOptions",
  "CustomMetric",
  "DataFile",
  "DataFileOptions",
  "Duration",
  "Execution",
  "ExpectedStatuses",
  "FileData",
  "Group",
  "Http",
  "HttpUrl",
  "Loadmesh",
  "MeshConfig",
  "Options",
  "Params",
  "PerVuIterationsOptions",
  "RampingArrivalRateOptions",
  "RampingVusOptions",
  "RequestBody",
  "RequestCookie",
  "RequestUrl",
  "Response",
  "ResponseCookie",
  "ResponseType",
  "ScenarioOptions",
  "ScriptCookieJar",
  "SentRequest",
  "SharedIterationsOptions",
  "Sleep",
  "Stage",
  "StatusRange",
  "Tags",
  "ThresholdOption",
  "Timings",
];

/** Exported for mesh.config.ts, which Node runs; no VU is given it. */
export const CONFIG_ONLY = "defineConfig";
