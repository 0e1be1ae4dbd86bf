/**
 * `Counter`, `Gauge`, `Rate` and `Trend` of one VU. They are made in module scope only, so that every worker knows
 * every metric before the start; the same name with another kind is a mistake that is told at once.
 */
import { builtin, BUILTIN_METRICS } from "../domain/metric/builtin.ts";
import type { Kind, MetricDefinition } from "../domain/metric/definition.ts";
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

/** The number that the recorder takes for what a script added. @throws Error when it is not a number */
function valueOf(definition: MetricDefinition, value: unknown): number {
  if (definition.kind === "rate") return value ? 1 : 0;
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number !== "number") {
    throw new TypeError(
      `${definition.name}.add(${JSON.stringify(value)}): a ${definition.kind} takes numbers`,
    );
  }
  return definition.unit === "time" ? number * 1000 : number;
}

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
          throw new Error(`new ${kind}("${name}"): metrics can only be made in module scope`);
        this.#definition = declareMetric(known, name, kind, isTime);
        this.name = name;
      }
      add(value: number | boolean, tags?: Tags): void {
        vu.needRun(`${this.name}.add`);
        const number = valueOf(this.#definition, value);
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
