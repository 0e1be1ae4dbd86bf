/**
 * Reads `options.thresholds`: per metric one expression, or a list of expressions and of objects
 * `{ threshold, abortOnFail?, delayAbortEval? }`. Metrics are the built-in ones and those that the script declared, as
 * the door found them; where nobody looked, a metric that is not built in is taken as it comes.
 */
import type { DeclaredMetric, PlanRequest, Threshold } from "../../../streams/schema/plan.ts";
import { BUILTIN_METRICS, HIDDEN_METRICS } from "../metric/builtin.ts";
import { type Kind, ZONE_TAG } from "../metric/definition.ts";
import { methodProblem, parseThreshold } from "../threshold/parse.ts";
import { parseMetricSelector } from "../threshold/selector.ts";
import { defaulted, isObject, type Reader, readObject, required } from "./field.ts";
import { nearest } from "./nearest.ts";
import { type Place, shown } from "./place.ts";
import { duration, flag, listOf, recordOf, text } from "./reader.ts";
import { usesScenarios } from "./shortcuts.ts";

type Thresholds = Readonly<Record<string, readonly Threshold[]>>;
/** What a threshold may speak of. */
type Spoken = Pick<PlanRequest, "flags" | "metrics" | "options" | "zones">;
type Metric = { readonly name: string; readonly kind: Kind };

/** What a bare expression leaves unsaid. */
const SHORT_FORM = { abortOnFail: false, delayAbortEvalMs: 0 };

const longForm = {
  fields: {
    threshold: required(text),
    abortOnFail: defaulted(flag, SHORT_FORM.abortOnFail),
    delayAbortEval: defaulted(duration(0), SHORT_FORM.delayAbortEvalMs),
  },
  noun: "field of a threshold",
  notYet: {},
};

/** Reads thresholds by metric or sub-metric, each into its long form. `metrics` undefined: nobody looked. */
export function thresholdsReader(request: Spoken): Reader<Thresholds> {
  const { metrics: declared } = request;
  return recordOf((value, at, key) => {
    const parsed = parseMetricSelector(key);
    if (!parsed.ok) at.report(parsed.message);
    const metric = parsed.ok ? metricOf(parsed.selector.metric, declared) : undefined;
    const isKnown = !parsed.ok || metric !== undefined || declared === undefined;
    if (parsed.ok && !isKnown) reportUnknown(parsed.selector.metric, declared, at);
    const isHere = !parsed.ok || partFits(parsed.selector.tags, request, at);
    const list = readAll(value, at, (each, place) => readThreshold(each, place, metric));
    return parsed.ok && isKnown && isHere ? list : undefined;
  });
}

function metricOf(name: string, declared: readonly DeclaredMetric[] = []): Metric | undefined {
  return BUILTIN_METRICS.get(name) ?? declared.find((metric) => metric.name === name);
}

/** A threshold on a zone or a scenario that is not in the run would never have data. */
function partFits(tags: Readonly<Record<string, string>>, request: Spoken, at: Place): boolean {
  const { [ZONE_TAG]: zone, scenario } = tags;
  const zones = request.zones.map((each) => each.zone);
  const scenarios = scenarioNames(request);
  const isZone = zone === undefined || zones.includes(zone);
  const isScenario = scenario === undefined || scenario === "" || scenarios.includes(scenario);
  if (!isZone) reportAbsent("zone", zone, zones, at, zoneStep(zone, zones));
  if (!isScenario) reportAbsent("scenario", scenario, scenarios, at);
  return isZone && isScenario;
}

/** The one that shortcuts make is called `default`; flags replace scenarios, whose thresholds stand. */
function scenarioNames(request: Spoken): readonly string[] {
  const { options } = request;
  const given = isObject(options) && isObject(options["scenarios"]) ? Object.keys(options["scenarios"]) : [];
  return usesScenarios(request) ? given : ["default", ...given.filter((name) => name !== "default")];
}

/** Where nobody named zones there is one, which is called `local`. */
const zoneStep = (zone: string, zones: readonly string[]): string =>
  `; to run there: --zones ${[...zones.filter((name) => name !== "local"), zone].join(",")}`;

function reportAbsent(what: string, name: string, names: readonly string[], at: Place, step = ""): void {
  const meant = nearest(name, names);
  const known = `this run has ${names.join(", ")}`;
  at.report(
    `there is no ${what} \`${name}\` in this run`,
    meant === undefined ? known + step : `did you mean \`${meant}\`? ${known}`,
  );
}

function reportUnknown(name: string, declared: readonly DeclaredMetric[], at: Place): void {
  const own = declared.map((metric) => metric.name);
  const meant = nearest(name, [
    ...own,
    ...BUILTIN_METRICS.keys().filter((each) => !HIDDEN_METRICS.has(each)),
  ]);
  const known =
    own.length === 0 ? "the script declares none of its own" : `the script declares ${own.join(", ")}`;
  const hint = meant === undefined ? known : `did you mean \`${meant}\`? ${known}`;
  at.report(
    `there is no metric \`${name}\`: it is neither built in nor made in the script's module scope`,
    hint,
  );
}

function readAll(value: unknown, at: Place, read: Reader<Threshold>): readonly Threshold[] | undefined {
  if (Array.isArray(value)) return listOf(read)(value, at);
  if (typeof value !== "string") return at.report(`must be a string or a list, but is ${shown(value)}`);
  const single = read(value, at);
  return single && [single];
}

function readThreshold(value: unknown, at: Place, metric: Metric | undefined): Threshold | undefined {
  if (typeof value === "string") {
    return fits(value, at, metric) ? { threshold: value, ...SHORT_FORM } : undefined;
  }
  if (!isObject(value)) return at.report(`must be a string or an object, but is ${shown(value)}`);
  const fields = readObject(longForm, value, at);
  if (fields === undefined || !fits(fields.threshold, at.in("threshold"), metric)) return undefined;
  const { threshold, abortOnFail, delayAbortEval: delayAbortEvalMs } = fields;
  return { threshold, abortOnFail, delayAbortEvalMs };
}

/** Reports an expression that cannot be read, or that asks a metric for what it does not have. */
function fits(expression: string, at: Place, metric: Metric | undefined): boolean {
  const parsed = parseThreshold(expression);
  const problem = parsed.ok
    ? metric && methodProblem(parsed.method, metric.name, metric.kind)
    : parsed.message;
  if (problem === undefined) return true;
  at.report(problem);
  return false;
}

/** Whether a breach of any of them ends the run. */
export const stopsTheRun = (thresholds: Thresholds): boolean =>
  Object.values(thresholds).some((list) => list.some(({ abortOnFail }) => abortOnFail));
