/**
 * What a metric and a series are. A metric is a name with a kind and a unit; a series is a metric with one set
 * of tags. Types and names only: how values merge is in counter, gauge, rate and trend.
 */

/** How the values of a metric merge. */
export type Kind = "counter" | "gauge" | "rate" | "trend";

/** What a value measures: k6's `contains`. */
export type Unit = "default" | "time" | "data";

export type Tags = Readonly<Record<string, string>>;

/** A metric as a script or the engine declares it. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: Kind;
  readonly unit: Unit;
}

/** One series, published once in a log and from then on named by its id. */
export interface SeriesDefinition {
  readonly metric: string;
  readonly kind: Kind;
  readonly unit: Unit;
  readonly tags: Tags;
}

/** What stands in for the tag values of series beyond the limit. */
export const OTHER = "__other__";

/** Distinct tag sets of one metric in one recorder; further ones fold into `OTHER`. */
export const SERIES_PER_METRIC_MAX = 500;

/** Tags that keep their value when a series folds: they have few values, and thresholds and the ledger use them. */
const KEPT_TAGS: ReadonlySet<string> = new Set(["scenario", "expected_response"]);

/** The tags under which series beyond the limit are counted: same names, values replaced. */
export function otherTags(tags: Tags, baseTags: Tags): Tags {
  const keep = (name: string) => KEPT_TAGS.has(name) || Object.hasOwn(baseTags, name);
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, keep(name) ? value : OTHER]));
}
