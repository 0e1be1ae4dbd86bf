/**
 * The plan: what a run will do, validated and complete. Every default is filled in, every duration is in
 * milliseconds, so that two readers of one plan cannot disagree. Made by `src/domain/plan`, read by everyone.
 */
import * as Schema from "effect/Schema";
import { HttpOptions } from "./http-options.ts";
import { Count, Millis, Sha256, ZoneName } from "./ids.ts";

const positive = Schema.Int.check(Schema.isGreaterThan(0));
const tags = Schema.Record(Schema.String, Schema.String);

/** Fields that every executor shares (k6's names and defaults; durations in milliseconds). */
const common = {
  exec: Schema.String,
  startTimeMs: Millis,
  gracefulStopMs: Millis,
  env: tags,
  tags,
  /** Exported functions that run once in the whole run, before the start and after the load, for this scenario alone. */
  setup: Schema.optionalKey(Schema.String),
  teardown: Schema.optionalKey(Schema.String),
};

/** Each VU loops until `durationMs` is over. */
export const ConstantVus = Schema.Struct({
  executor: Schema.Literal("constant-vus"),
  ...common,
  vus: positive,
  durationMs: positive,
});

/** `iterations` in total, taken by whichever VU is free. */
export const SharedIterations = Schema.Struct({
  executor: Schema.Literal("shared-iterations"),
  ...common,
  vus: positive,
  iterations: positive,
  maxDurationMs: positive,
});

/** Exactly `iterations` by each VU. */
export const PerVuIterations = Schema.Struct({
  executor: Schema.Literal("per-vu-iterations"),
  ...common,
  vus: positive,
  iterations: positive,
  maxDurationMs: positive,
});

/** Iteration g starts at g × `timeUnitMs` / `rate`, whether or not earlier ones have ended. */
export const ConstantArrivalRate = Schema.Struct({
  executor: Schema.Literal("constant-arrival-rate"),
  ...common,
  rate: positive,
  timeUnitMs: positive,
  durationMs: positive,
  preAllocatedVus: positive,
  maxVus: positive,
});

/** A straight line from where the last stage ended to `target`; a stage of no length is a jump. */
export const Stage = Schema.Struct({ durationMs: Millis, target: Count });
export type Stage = typeof Stage.Type;

/** As many VUs loop as the line through `startVus` and the stages says. */
export const RampingVus = Schema.Struct({
  executor: Schema.Literal("ramping-vus"),
  ...common,
  startVus: Count,
  stages: Schema.NonEmptyArray(Stage),
  /** How long a VU that is not wanted any more may go on with its iteration. */
  gracefulRampDownMs: Millis,
});

/** Iteration g starts when the area under the line through `startRate` and the stages is g + 1. */
export const RampingArrivalRate = Schema.Struct({
  executor: Schema.Literal("ramping-arrival-rate"),
  ...common,
  startRate: Count,
  timeUnitMs: positive,
  stages: Schema.NonEmptyArray(Stage),
  preAllocatedVus: positive,
  maxVus: positive,
});

export const Scenario = Schema.Union([
  ConstantVus,
  SharedIterations,
  PerVuIterations,
  ConstantArrivalRate,
  RampingVus,
  RampingArrivalRate,
]);
export type Scenario = typeof Scenario.Type;

/** One threshold on one metric, k6's grammar: `p(95)<500`. */
export const Threshold = Schema.Struct({
  threshold: Schema.String,
  abortOnFail: Schema.Boolean,
  delayAbortEvalMs: Millis,
});
export type Threshold = typeof Threshold.Type;

/** What agents do when they hear nothing from above: run to the planned end, or stop after a while. */
export const OnSilence = Schema.Union([
  Schema.Struct({ do: Schema.Literal("finish") }),
  Schema.Struct({ do: Schema.Literal("stop"), afterMs: positive }),
]);

/** What root does when an agent is lost: end the run, or go on while at most `percent` of the agents are lost. */
export const OnAgentLoss = Schema.Union([
  Schema.Struct({ do: Schema.Literal("fail") }),
  Schema.Struct({ do: Schema.Literal("tolerate"), percent: Schema.Finite }),
]);

/**
 * How well each agent must be able to keep the load; beyond it the run is invalid, or only warned of. What is not given
 * has no bound.
 */
export const GeneratorBudgets = Schema.Struct({
  onBreach: Schema.Literals(["invalid", "warn"]),
  /** How late an iteration of an open model may start. */
  scheduleLagMs: Schema.optionalKey(positive),
  /** How long an event loop may stand still. */
  eventLoopDelayMs: Schema.optionalKey(positive),
  /** Share of a window in garbage collection, and CPU of the busiest worker: 100 is a full core. */
  gcPercent: Schema.optionalKey(Schema.Finite),
  cpuPercent: Schema.optionalKey(Schema.Finite),
  /** Memory of all workers of an agent. */
  memoryMb: Schema.optionalKey(positive),
});
export type GeneratorBudgets = typeof GeneratorBudgets.Type;

/** A zone of the run and its part of the load. */
export const ZoneWeight = Schema.Struct({ zone: ZoneName, weight: positive });
export type ZoneWeight = typeof ZoneWeight.Type;

/** A file that module scope of the script read; its bytes lie beside the bundle. */
export const PlannedFile = Schema.Struct({
  /** As the script names it. */
  name: Schema.String,
  sha256: Sha256,
  bytes: Count,
});
export type PlannedFile = typeof PlannedFile.Type;

export const Plan = Schema.Struct({
  /** File name of the script, for people. */
  script: Schema.String,
  /** The bundle that agents fetch. */
  bundle: Sha256,
  scenarios: Schema.Record(Schema.String, Scenario),
  /** Keyed by metric or sub-metric: `http_req_duration{scenario:a}`. */
  thresholds: Schema.Record(Schema.String, Schema.Array(Threshold)),
  zones: Schema.Array(ZoneWeight),
  /** Agents needed before the start, in total: one for each zone, the rest by weight. */
  agents: positive,
  /**
   * Names of the `--env` values and of scenarios' own `env`, and `options.tlsAuth`; values live in the run's environment
   * object and go with it.
   */
  env: Schema.Array(Schema.String),
  tags,
  hasSetup: Schema.Boolean,
  hasTeardown: Schema.Boolean,
  hasHandleSummary: Schema.Boolean,
  setupTimeoutMs: positive,
  teardownTimeoutMs: positive,
  handleSummaryTimeoutMs: positive,
  summaryTrendStats: Schema.Array(Schema.String),
  discardResponseBodies: Schema.Boolean,
  noConnectionReuse: Schema.Boolean,
  insecureSkipTlsVerify: Schema.Boolean,
  userAgent: Schema.String,
  /** Default timeout of a request. */
  requestTimeoutMs: positive,
  /** Absent: nothing but k6's defaults. */
  http: Schema.optionalKey(HttpOptions),
  /** An iteration that was shorter lets its VU wait for the rest. */
  minIterationDurationMs: Schema.optionalKey(positive),
  /** Length of a metric window. */
  windowMs: positive,
  /** How long a parent waits for live children after a window has ended. */
  latenessMs: positive,
  onSilence: OnSilence,
  onAgentLoss: OnAgentLoss,
  /** Absent: the generators' health decides nothing. */
  generator: Schema.optionalKey(GeneratorBudgets),
  /** Seed of every random choice of the run. */
  seed: Count,
  /** False when the run is not to land in ClickHouse. */
  history: Schema.optionalKey(Schema.Boolean),
  /** What its people call it, for lists and questions: commit, branch, ticket. Decides nothing. */
  labels: Schema.optionalKey(tags),
  /** Data files that agents fetch with the bundle. Absent: none. */
  files: Schema.optionalKey(Schema.Array(PlannedFile)),
});
export type Plan = typeof Plan.Type;

/** How the values of a metric merge. */
export const MetricKind = Schema.Literals(["counter", "gauge", "rate", "trend"]);
export type MetricKind = typeof MetricKind.Type;

/** A metric that the script made in its module scope, as the door's evaluation of it found. */
export const DeclaredMetric = Schema.Struct({
  name: Schema.String,
  kind: MetricKind,
});
export type DeclaredMetric = typeof DeclaredMetric.Type;

/** What a door asks for: the script's raw options and the flags, before any default. */
export const PlanRequest = Schema.Struct({
  script: Schema.String,
  bundle: Sha256,
  /** `export const options`, as the script gave it. */
  options: Schema.Unknown,
  /** Names that the script exports. */
  exports: Schema.Array(Schema.String),
  /** Flags of the door; they win over `options`. */
  flags: Schema.Struct({
    vus: Schema.optionalKey(Schema.Finite),
    iterations: Schema.optionalKey(Schema.Finite),
    duration: Schema.optionalKey(Schema.String),
    /** As k6 writes them: `10s:20`. */
    stages: Schema.optionalKey(Schema.Array(Schema.String)),
  }),
  zones: Schema.Array(ZoneWeight),
  agents: Schema.Finite,
  env: Schema.Array(Schema.String),
  /** True under `mesh run`'s own servers: silence then means that the command died. */
  embedded: Schema.Boolean,
  seed: Count,
  /** The script's own metrics: a threshold on any other is refused. Absent: nobody looked. */
  metrics: Schema.optionalKey(Schema.Array(DeclaredMetric)),
  /** False when the run is not to land in ClickHouse. */
  history: Schema.optionalKey(Schema.Boolean),
  labels: Schema.optionalKey(tags),
  files: Schema.optionalKey(Schema.Array(PlannedFile)),
});
export type PlanRequest = typeof PlanRequest.Type;

/** One thing wrong with a plan: where, what, and what to do. */
export const Problem = Schema.Struct({
  path: Schema.String,
  message: Schema.String,
  hint: Schema.optionalKey(Schema.String),
});
export type Problem = typeof Problem.Type;
