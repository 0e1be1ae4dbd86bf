/**
 * `Counter`, `Gauge`, `Rate` and `Trend` of one VU. They are made in module scope only, so that every worker knows
 * every metric before the start; the same name with another kind is a mistake that is told at once.
 */
import { builtin, BUILTIN_METRICS } from "../domain/metric/builtin.ts";
import type { Kind, MetricDefinition } from "../domain/metric/definition.ts";
import { COUNTER_SAMPLE_MAX, GAUGE_SAMPLE_MAX } from "../domain/metric/wire-number.ts";
import type { CustomMetric, MetricClass, Tags } from "./api.ts";
import type { TagScope } from "./tag-scope.ts";
import type { VuState } from "./vu-state.ts";

/** Metrics that scripts of this worker have made, by name. */
export type KnownMetrics = Map<string, MetricDefinition>;

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

/** Which samples a kind takes; the recorder rejects and counts all others. */
const TAKES: Readonly<Record<Kind, { readonly what: string; readonly fits: (value: number) => boolean }>> = {
  counter: {
    what: "a counter takes finite numbers up to 10^12",
    fits: (value) => Math.abs(value) <= COUNTER_SAMPLE_MAX,
  },
  gauge: {
    what: "a gauge takes finite numbers up to 2 × 10^12",
    fits: (value) => Math.abs(value) <= GAUGE_SAMPLE_MAX,
  },
  rate: { what: "a rate takes true, false and numbers", fits: (value) => !Number.isNaN(value) },
  trend: {
    what: "a trend takes finite numbers that are not negative",
    fits: (value) => value >= 0 && value < Infinity,
  },
};

/** What a script added, as the recorder takes it; NaN when that is no number. */
function numberOf({ kind, unit }: MetricDefinition, value: unknown): number {
  const number = typeof value === "boolean" ? Number(value) : typeof value === "number" ? value : Number.NaN;
  if (kind === "rate") return number === 0 || Number.isNaN(number) ? number : 1;
  return unit === "time" ? number * 1000 : number;
}

/** The author hears of the first bad sample of a metric, with its place; the summary counts them all. */
function tellRejected({ name, kind }: MetricDefinition, value: unknown, { settings }: VuState): void {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  const counted = `the sample counts as rejected, like every further one that is not`;
  settings.mistake(
    `metric ${name}`,
    `${name}.add(${shown}): ${TAKES[kind].what}; ${counted}`,
    new Error("here"),
  );
}

const className = (kind: Kind): string => kind.charAt(0).toUpperCase() + kind.slice(1);

/** The four classes, bound to one VU. */
export function metricClasses(
  vu: VuState,
  known: KnownMetrics,
): Record<"Counter" | "Gauge" | "Rate" | "Trend", MetricClass> {
  const classOf = (kind: Kind): MetricClass =>
    class implements CustomMetric {
      readonly name: string;
      readonly #definition: MetricDefinition;
      constructor(name: string, isTime = false) {
        if (vu.phase !== "module")
          throw new Error(`new ${className(kind)}("${name}"): metrics can only be made in module scope`);
        this.#definition = declareMetric(known, name, kind, isTime);
        this.name = name;
      }
      add(value: number | boolean, tags?: Tags): void {
        vu.needRun(`${this.name}.add`);
        const number = numberOf(this.#definition, value);
        if (!TAKES[kind].fits(number)) tellRejected(this.#definition, value, vu);
        const scope: TagScope = vu.scope.with(tags);
        vu.sink.nowUs();
        vu.sink.add(scope.metric(this.#definition), number);
      }
    };
  return {
    Counter: classOf("counter"),
    Gauge: classOf("gauge"),
    Rate: classOf("rate"),
    Trend: classOf("trend"),
  };
}
