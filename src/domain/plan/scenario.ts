/**
 * Reads one entry of `options.scenarios`: k6's names, defaults and rules (anchors B.2), by a table per executor.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { plannedOf } from "../pace/plan-totals.ts";
import { defaulted, type FieldsOf, isObject, optional, readObject, required } from "./field.ts";
import { DURATION_MIN_MS, ITERATIONS_MAX, RATE_MAX, VUS_MAX } from "./limits.ts";
import { nearest } from "./nearest.ts";
import { grouped, type Place, shown } from "./place.ts";
import { duration, text, textRecord, wholeNumber } from "./reader.ts";

/** What every scenario has when nothing is said. */
export const COMMON_DEFAULTS = {
  exec: "default",
  startTimeMs: 0,
  gracefulStopMs: 30_000,
  env: {},
  tags: {},
} as const;

const common = {
  executor: required(text),
  exec: defaulted(text, COMMON_DEFAULTS.exec),
  startTime: defaulted(duration(0), COMMON_DEFAULTS.startTimeMs),
  gracefulStop: defaulted(duration(0), COMMON_DEFAULTS.gracefulStopMs),
  env: defaulted(textRecord, COMMON_DEFAULTS.env),
  tags: defaulted(textRecord, COMMON_DEFAULTS.tags),
};
/** Readers that the shortcuts `vus`, `iterations` and `duration` have in common with scenarios. */
export const vus = wholeNumber(1, VUS_MAX);
export const iterations = wholeNumber(1, ITERATIONS_MAX);
export const regularDuration = duration(DURATION_MIN_MS);

/** Longest regular duration of an executor that counts iterations, when nothing is said. */
export const MAX_DURATION_MS = 600_000;

const constantVus = shapeOf("constant-vus", {
  ...common,
  vus: defaulted(vus, 1),
  duration: required(regularDuration),
});
const counts = {
  ...common,
  vus: defaulted(vus, 1),
  iterations: defaulted(iterations, 1),
  maxDuration: defaulted(regularDuration, MAX_DURATION_MS),
};
const sharedIterations = {
  ...shapeOf("shared-iterations", counts),
  check: (fields: Counts, at: Place) => enoughIterations(fields, at.in("iterations")),
};
const perVuIterations = shapeOf("per-vu-iterations", counts);
const constantArrivalRate = {
  ...shapeOf("constant-arrival-rate", {
    ...common,
    rate: required(
      wholeNumber(1, RATE_MAX, 'less than 1 per second is a longer timeUnit: rate 1, timeUnit "2s"'),
    ),
    timeUnit: defaulted(duration(1), 1000),
    duration: required(regularDuration),
    preAllocatedVUs: required(vus),
    maxVUs: optional(vus),
  }),
  check: enoughVus,
};

function shapeOf<T>(executor: Scenario["executor"], fields: T) {
  return { fields, noun: `option of ${executor}`, notYet: { options: "remove it" } };
}

type ScenarioReader = (value: unknown, at: Place) => Scenario | undefined;
const READERS: Readonly<Record<Scenario["executor"], ScenarioReader>> = {
  "constant-vus": readConstantVus,
  "shared-iterations": readSharedIterations,
  "per-vu-iterations": readPerVuIterations,
  "constant-arrival-rate": readConstantArrivalRate,
};

/** The executors that exist today. */
export const EXECUTORS = Object.keys(READERS);

/** Executors of k6 that do not exist here yet. */
const EXECUTORS_NOT_YET = ["ramping-vus", "ramping-arrival-rate", "externally-controlled"];

/** The scenario at a place, or undefined after its problems have been reported. */
export function readScenario(value: unknown, at: Place): Scenario | undefined {
  if (!isObject(value)) return at.report(`must be an object, but is ${shown(value)}`);
  const { executor } = value;
  if (isExecutor(executor)) {
    const scenario = READERS[executor](value, at);
    return scenario !== undefined && boundedIterations(scenario, at) ? scenario : undefined;
  }
  return reportExecutor(executor, at.in("executor"));
}

function isExecutor(name: unknown): name is Scenario["executor"] {
  return typeof name === "string" && Object.hasOwn(READERS, name);
}

function reportExecutor(executor: unknown, at: Place): undefined {
  const today = `executors today: ${EXECUTORS.join(", ")}`;
  if (executor === undefined || executor === null) return at.report("is required", today);
  if (typeof executor !== "string") return at.report(`must be a string, but is ${shown(executor)}`, today);
  if (EXECUTORS_NOT_YET.includes(executor)) return at.report(`\`${executor}\` is not supported yet`, today);
  const meant = nearest(executor, EXECUTORS);
  const hint = meant === undefined ? today : `did you mean \`${meant}\`? ${today}`;
  return at.report(`is not a known executor: ${shown(executor)}`, hint);
}

function boundedIterations(scenario: Scenario, at: Place): boolean {
  const planned = plannedOf(scenario) ?? 0;
  if (planned <= ITERATIONS_MAX) return true;
  at.report(
    `plans ${grouped(planned)} iterations, but one scenario may have at most ${grouped(ITERATIONS_MAX)}`,
  );
  return false;
}

function sharedOf(fields: FieldsOf<typeof common>) {
  return {
    exec: fields.exec,
    startTimeMs: fields.startTime,
    gracefulStopMs: fields.gracefulStop,
    env: fields.env,
    tags: fields.tags,
  };
}

function countsOf(fields: FieldsOf<typeof counts>) {
  return { vus: fields.vus, iterations: fields.iterations, maxDurationMs: fields.maxDuration };
}

function readConstantVus(value: unknown, at: Place): Scenario | undefined {
  const fields = readObject(constantVus, value, at);
  if (fields === undefined) return undefined;
  return { executor: "constant-vus", ...sharedOf(fields), vus: fields.vus, durationMs: fields.duration };
}

function readSharedIterations(value: unknown, at: Place): Scenario | undefined {
  const fields = readObject(sharedIterations, value, at);
  return fields && { executor: "shared-iterations", ...sharedOf(fields), ...countsOf(fields) };
}

function readPerVuIterations(value: unknown, at: Place): Scenario | undefined {
  const fields = readObject(perVuIterations, value, at);
  return fields && { executor: "per-vu-iterations", ...sharedOf(fields), ...countsOf(fields) };
}

function readConstantArrivalRate(value: unknown, at: Place): Scenario | undefined {
  const fields = readObject(constantArrivalRate, value, at);
  if (fields === undefined) return undefined;
  return {
    executor: "constant-arrival-rate",
    ...sharedOf(fields),
    rate: fields.rate,
    timeUnitMs: fields.timeUnit,
    durationMs: fields.duration,
    preAllocatedVus: fields.preAllocatedVUs,
    maxVus: fields.maxVUs ?? fields.preAllocatedVUs,
  };
}

/** VUs and iterations as far as they could be read. */
interface Counts {
  readonly vus?: number | undefined;
  readonly iterations?: number | undefined;
}

/** Reports it if there are fewer shared iterations than VUs: some VUs could never run one. */
export function enoughIterations({ vus, iterations }: Counts, at: Place): boolean {
  if (vus === undefined || iterations === undefined || iterations >= vus) return true;
  const message = `must be at least the number of VUs (${vus}), but is ${iterations}`;
  at.report(message, "lower `vus`, or raise `iterations`");
  return false;
}

interface ArrivalVus {
  readonly preAllocatedVUs?: number | undefined;
  readonly maxVUs?: number | undefined;
}

function enoughVus({ preAllocatedVUs, maxVUs }: ArrivalVus, at: Place): boolean {
  if (preAllocatedVUs === undefined || maxVUs === undefined || maxVUs >= preAllocatedVUs) return true;
  at.in("maxVUs").report(`must be at least preAllocatedVUs (${preAllocatedVUs}), but is ${maxVUs}`);
  return false;
}
