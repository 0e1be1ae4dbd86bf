/**
 * Reads `options.thresholds`: per metric one expression, or a list of expressions and of objects
 * `{ threshold, abortOnFail?, delayAbortEval? }`. Metrics of the script's own are not known here, so whether an
 * expression fits its metric is checked for built-in metrics only.
 */
import type { Threshold } from "../../../streams/schema/plan.ts";
import { BUILTIN_METRICS } from "../metric/builtin.ts";
import type { MetricDefinition } from "../metric/definition.ts";
import { methodProblem, parseThreshold } from "../threshold/parse.ts";
import { parseMetricSelector } from "../threshold/selector.ts";
import { defaulted, isObject, type Reader, readObject, required } from "./field.ts";
import { type Place, shown } from "./place.ts";
import { flag, listOf, recordOf, text } from "./reader.ts";

/** What a bare expression leaves unsaid. */
const SHORT_FORM = { abortOnFail: false, delayAbortEvalMs: 0 };

const JUDGED_AT_END =
  "thresholds are judged at the end of the run; leave it out, and stop a run with `mesh abort`";

const longForm = {
  fields: {
    threshold: required(text),
    abortOnFail: defaulted(neverAborts, SHORT_FORM.abortOnFail),
  },
  noun: "field of a threshold",
  notYet: { delayAbortEval: JUDGED_AT_END },
};

/** Thresholds by metric or sub-metric, each in its long form. */
export const thresholds = recordOf(readThresholds);

function readThresholds(value: unknown, at: Place, key: string): readonly Threshold[] | undefined {
  const parsed = parseMetricSelector(key);
  if (!parsed.ok) at.report(parsed.message);
  const metric = parsed.ok ? BUILTIN_METRICS.get(parsed.selector.metric) : undefined;
  const list = readAll(value, at, (each, place) => readThreshold(each, place, metric));
  return parsed.ok ? list : undefined;
}

function readAll(value: unknown, at: Place, read: Reader<Threshold>): readonly Threshold[] | undefined {
  if (Array.isArray(value)) return listOf(read)(value, at);
  if (typeof value !== "string") return at.report(`must be a string or a list, but is ${shown(value)}`);
  const single = read(value, at);
  return single && [single];
}

function readThreshold(
  value: unknown,
  at: Place,
  metric: MetricDefinition | undefined,
): Threshold | undefined {
  if (typeof value === "string") {
    return fits(value, at, metric) ? { threshold: value, ...SHORT_FORM } : undefined;
  }
  if (!isObject(value)) return at.report(`must be a string or an object, but is ${shown(value)}`);
  const fields = readObject(longForm, value, at);
  if (fields === undefined || !fits(fields.threshold, at.in("threshold"), metric)) return undefined;
  return {
    threshold: fields.threshold,
    abortOnFail: fields.abortOnFail,
    delayAbortEvalMs: SHORT_FORM.delayAbortEvalMs,
  };
}

/** `false` is what happens anyway; a threshold that must stop the run is refused rather than judged too late. */
function neverAborts(value: unknown, at: Place): boolean | undefined {
  const aborts = flag(value, at);
  return aborts === true ? at.report("is an option of k6 that is not supported yet", JUDGED_AT_END) : aborts;
}

/** Reports an expression that cannot be read, or that asks a metric for what it does not have. */
function fits(expression: string, at: Place, metric: MetricDefinition | undefined): boolean {
  const parsed = parseThreshold(expression);
  const problem = parsed.ok
    ? metric && methodProblem(parsed.method, metric.name, metric.kind)
    : parsed.message;
  if (problem === undefined) return true;
  at.report(problem);
  return false;
}
