/**
 * The type of `export const options`: k6's names, what this version accepts. Only a type for editors; the plan's
 * own reader (`src/domain/plan`) is what validates, and it also refuses what a script without types got wrong.
 */

/** A k6 duration: `"30s"`, `"1m30s"`, `"500ms"`, or a number of milliseconds. */
export type Duration = string | number;

interface ScenarioCommon {
  /** Name of the exported function that is one iteration. Default `default`. */
  exec?: string;
  /** When this scenario begins, from the start of the run. Default 0. */
  startTime?: Duration;
  /** How long running iterations may take to end after the regular duration. Default 30 s. */
  gracefulStop?: Duration;
  env?: Record<string, string>;
  tags?: Record<string, string>;
  /**
   * Name of an exported function that runs once in the whole run, before the start and after `setup()`, whose value it
   * gets. What it returns is the `data` of this scenario's iterations and of its `teardown`.
   */
  setup?: string;
  /** Name of an exported function that runs once in the whole run, after the load and before `teardown()`. */
  teardown?: string;
}

/** Each VU loops until `duration` is over. */
export interface ConstantVusOptions extends ScenarioCommon {
  executor: "constant-vus";
  vus?: number;
  duration: Duration;
}

/** `iterations` in total, taken by whichever VU is free. */
export interface SharedIterationsOptions extends ScenarioCommon {
  executor: "shared-iterations";
  vus?: number;
  iterations?: number;
  maxDuration?: Duration;
}

/** Exactly `iterations` by each VU. */
export interface PerVuIterationsOptions extends ScenarioCommon {
  executor: "per-vu-iterations";
  vus?: number;
  iterations?: number;
  maxDuration?: Duration;
}

/** `rate` iterations start per `timeUnit`, whether or not earlier ones have ended. */
export interface ConstantArrivalRateOptions extends ScenarioCommon {
  executor: "constant-arrival-rate";
  rate: number;
  timeUnit?: Duration;
  duration: Duration;
  preAllocatedVUs: number;
  maxVUs?: number;
}

/** A straight line from where the last stage ended to `target`; a stage without length is a jump. */
export interface Stage {
  duration: Duration;
  target: number;
}

/** As many VUs loop as the line through `startVUs` and the stages says. */
export interface RampingVusOptions extends ScenarioCommon {
  executor: "ramping-vus";
  /** Default 1. */
  startVUs?: number;
  stages: Stage[];
  /** How long a VU that is not wanted any more may go on with its iteration. Default 30 s. */
  gracefulRampDown?: Duration;
}

/** Iterations start at a rate that goes in lines from target to target. */
export interface RampingArrivalRateOptions extends ScenarioCommon {
  executor: "ramping-arrival-rate";
  /** Default 0. */
  startRate?: number;
  timeUnit?: Duration;
  stages: Stage[];
  preAllocatedVUs: number;
  maxVUs?: number;
}

export type ScenarioOptions =
  | ConstantVusOptions
  | SharedIterationsOptions
  | PerVuIterationsOptions
  | ConstantArrivalRateOptions
  | RampingVusOptions
  | RampingArrivalRateOptions;

/**
 * One threshold, short (`"p(95)<500"`) or long: what must hold for the run so far, or in a timeframe of seconds. It is
 * breached by `p(95)<500 for 10s` when it is false in 10 seconds in a row, by `within 30s` when it is false for the last 30 s,
 * by `over 30s` the same once 30 s have passed. With `abortOnFail` the whole run ends as soon as it is on the wrong side, but
 * not before `delayAbortEval` is over.
 */
export type ThresholdOption =
  | string
  | { threshold: string; abortOnFail?: boolean; delayAbortEval?: Duration };

type TlsVersion = "tls1.0" | "tls1.1" | "tls1.2" | "tls1.3";

/** Budgets of every agent, judged on what its workers measured of themselves in each window. */
export interface GeneratorOptions {
  /** How late iterations of an open model may start; it is broken when more than 1 % of an agent's are later. Default 500 ms. */
  scheduleLag?: Duration;
  /** How long an event loop may stand still; as for the rest, more than 10 % of the windows break it. Default 1 s. */
  eventLoopDelay?: Duration;
  /** Percent of a window in garbage collection. */
  gc?: number;
  /** Percent of a core that the busiest worker may use. */
  cpu?: number;
  /** MB of memory of all workers of an agent. */
  memory?: number;
  /** Default `"invalid"`. */
  onBreach?: "invalid" | "warn";
}

/** What a script may export as `options`. */
export interface Options {
  vus?: number;
  iterations?: number;
  duration?: Duration;
  /** VUs that ramp, beginning with `vus`. */
  stages?: Stage[];
  scenarios?: Record<string, ScenarioOptions>;
  thresholds?: Record<string, string | ThresholdOption[]>;
  tags?: Record<string, string>;
  setupTimeout?: Duration;
  teardownTimeout?: Duration;
  handleSummaryTimeout?: Duration;
  summaryTrendStats?: string[];
  discardResponseBodies?: boolean;
  noConnectionReuse?: boolean;
  insecureSkipTLSVerify?: boolean;
  userAgent?: string;
  /** Requests of one `http.batch` at the same time: 20, and 6 for one host (0: no limit). */
  batch?: number;
  batchPerHost?: number;
  /** How many redirects are followed: 10. */
  maxRedirects?: number;
  /** Whether cookies stay from one iteration to the next. */
  noCookiesReset?: boolean;
  /** Whether connections end with each iteration. */
  noVUConnectionReuse?: boolean;
  /** Whether a request that got no response throws. */
  throw?: boolean;
  /** An iteration that was shorter lets its VU wait for the rest. */
  minIterationDuration?: Duration;
  /** Addresses by host name: `{ "shop.test": "10.0.0.1:8080", "*.shop.test": "10.0.0.2" }`. */
  hosts?: Record<string, string>;
  /** Host names that are not connected to: `"*.ads.test"`. */
  blockHostnames?: string[];
  /** Ranges of addresses that are not connected to: `"10.0.0.0/8"`. */
  blacklistIPs?: string[];
  /** Nothing else is connected to: `"*.shop.test"`, `"10.0.0.0/8"`, `"https://shop.test"` (docs/guard-rails.md). */
  targets?: string[];
  dns?: {
    /** How long an answer is used: 5 min, `"inf"`, or `"0"` for none. */
    ttl?: Duration;
    select?: "first" | "random" | "roundRobin";
    policy?: "preferIPv4" | "preferIPv6" | "onlyIPv4" | "onlyIPv6" | "any";
  };
  tlsVersion?: TlsVersion | { min?: TlsVersion; max?: TlsVersion };
  /** k6's names: `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
  tlsCipherSuites?: string[];
  /** Client certificates, each for some hosts or for all. Give the texts by `--env`: they are never shown. */
  tlsAuth?: { domains?: string[]; cert: string; key: string; password?: string }[];
  /** Default timeout of a request: 60 s. */
  requestTimeout?: Duration;
  /** What agents do when they hear nothing from above. */
  onSilence?: "finish" | { stop: Duration };
  /** What happens when an agent is lost: the run fails, or goes on while at most so many percent are lost. */
  onAgentLoss?: "fail" | { tolerate: number };
  /**
   * How healthy each agent must be for the figures to count; beyond it the run is invalid (exit 97). `"warn"` only says
   * so, `"off"` says nothing. Default: `{ scheduleLag: "500ms", eventLoopDelay: "1s" }`.
   */
  generator?: "off" | "warn" | GeneratorOptions;
  /** `ext.mesh.target`: a program beside the script that `mesh run` starts; its URL becomes `__ENV.TARGET_URL`. */
  ext?: { mesh?: { target?: string }; [name: string]: unknown };
  cloud?: Record<string, unknown>;
}
