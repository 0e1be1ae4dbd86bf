/**
 * `Counter`, `Gauge`, `Rate` and `Trend` of one VU. They are made in module scope only, so that every worker knows
 * every metric before the start; the same name with another kind is a mistake that is told at once.
 */
import { builtin, BUILTIN_METRICS } from "../domain/metric/builtin.ts";
import { KIND_NAMES, kindOf } from "../domain/metric/cell.ts";
import type { Kind, MetricDefinition } from "../domain/metric/definition.ts";
import type { CustomMetric, MetricClass, Tags } from "./api.ts";
import type { TagScope } from "./tag-scope.ts";
import type { VuState } from "./vu-state.ts";

/** Metrics that scripts of this worker have made, by name. */
export type KnownMetrics = Map<string, MetricDefinition>;

/** Longest text that a warning quotes. */
const SHOWN_MAX = 40;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/;

/** Declares a metric, or finds the same one that another VU declared. @throws Error on a bad or taken name */
export function declareMetric(
  known: KnownMetrics,
  name: string,
  kind: Kind,
  isTime: boolean,
): MetricDefinition {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new Error(
      `metric name ${JSON.stringify(name)} must be letters, digits and _, not starting with a digit`,
    );
  }
  if (BUILTIN_METRICS.has(name))
    throw new Error(`metric "${name}" is built in (${builtin(name).kind}); choose another name`);
  const unit = isTime ? "time" : "default";
  const before = known.get(name);
  if (before && (before.kind !== kind || before.unit !== unit)) {
    throw new Error(`metric "${name}" is a ${before.kind} already; it cannot be a ${kind} (${unit}) too`);
  }
  const definition = before ?? { name, kind, unit };
  known.set(name, definition);
  return definition;
}

/** What a script added, as the recorder takes it: only a time trend is in µs. NaN when that is no number. */
function numberOf({ kind, unit }: MetricDefinition, value: unknown): number {
  const number = typeof value === "boolean" ? Number(value) : typeof value === "number" ? value : Number.NaN;
  if (kind === "rate") return number === 0 || Number.isNaN(number) ? number : 1;
  return kind === "trend" && unit === "time" ? number * 1000 : number;
}

/** A long text is not shown cut: half a secret would not be known as one. */
const textShown = (text: string): string =>
  text.length > SHOWN_MAX ? `a text of ${text.length} characters` : JSON.stringify(text);

/** The author hears of the first bad sample of a metric, with its place; the summary counts them all. */
function tellRejected({ name, kind }: MetricDefinition, value: unknown, { settings }: VuState): void {
  const shown = typeof value === "string" ? textShown(value) : String(value);
  const counted = `the sample counts as rejected, like every further one that is not`;
  settings.mistake(
    `metric ${name}`,
    `${name}.add(${shown}): ${kindOf(kind).takes.what}; ${counted}`,
    new Error("here"),
  );
}

const className = (kind: Kind): string => kind.charAt(0).toUpperCase() + kind.slice(1);

/** A class for each kind: `Counter`, `Gauge`, … */
export type MetricClasses = { readonly [K in Kind as Capitalize<K>]: MetricClass };

/** One metric of one VU. One class for all kinds and VUs: a class of its own would cost each VU a kilobyte. */
class Metric implements CustomMetric {
  readonly name: string;
  readonly #vu: VuState;
  readonly #definition: MetricDefinition;

  constructor(vu: VuState, definition: MetricDefinition) {
    this.#vu = vu;
    this.#definition = definition;
    this.name = definition.name;
  }

  add(value: number | boolean, tags?: Tags): void {
    const vu = this.#vu;
    const definition = this.#definition;
    vu.needRun(`${this.name}.add`);
    const number = numberOf(definition, value);
    if (!kindOf(definition.kind).takes.fits(number)) tellRejected(definition, value, vu);
    const scope: TagScope = vu.scope.with(tags);
    vu.sink.nowUs();
    vu.sink.add(scope.metric(definition), number);
  }
}

/** What `new Counter(…)` calls: a function, since an arrow cannot be called with `new`. */
function classOf(kind: Kind, vu: VuState, known: KnownMetrics): MetricClass {
  function make(name: string, isTime = false): object {
    if (new.target === undefined)
      throw new TypeError(`${className(kind)}(…): write new ${className(kind)}(…)`);
    if (vu.phase !== "module")
      throw new Error(`new ${className(kind)}("${name}"): metrics can only be made in module scope`);
    const definition = declareMetric(known, name, kind, isTime);
    return Reflect.construct(Metric, [vu, definition], new.target) as object;
  }
  make.prototype = Metric.prototype;
  return make as unknown as MetricClass;
}

/** The classes of all kinds, bound to one VU. */
export const metricClasses = (vu: VuState, known: KnownMetrics): MetricClasses =>
  Object.fromEntries(KIND_NAMES.map((kind) => [className(kind), classOf(kind, vu, known)])) as MetricClasses;
