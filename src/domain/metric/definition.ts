/**
 * What a metric and a series are. A metric is a name with a kind and a unit; a series is a metric with one set
 * of tags. Types and names only: how values merge is in counter, gauge, rate and trend.
 */

import type { MetricKind } from "../../../streams/schema/plan.ts";

/** How the values of a metric merge. */
export type Kind = MetricKind;

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

/**
 * The same for each load zone in an agent, a zone and root, which merge many recorders: a trend costs some 5 KB of
 * memory there. By zone, so that the limit of a metric does not shrink as zones are added.
 */
export const SERIES_PER_METRIC_MAX_MERGED = 2000;

/** On every series: the load zone that its samples were taken in. It is the mesh's; a script cannot set it. */
export const ZONE_TAG = "zone";

/** Tags that keep their value when a series folds: they have few values, and thresholds and the ledger use them. */
const KEPT_TAGS: ReadonlySet<string> = new Set(["scenario", "expected_response", ZONE_TAG]);

/** Whether these are the tags of a folded series. */
export const isOther = (tags: Tags): boolean => Object.values(tags).includes(OTHER);

/** The tag that tells most of these series apart: the one whose values are too many. */
export function widestTag(series: readonly SeriesDefinition[]): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of series.flatMap(({ tags }) => Object.entries(tags))) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  const ranked = [...values].toSorted(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1));
  return ranked[0]?.[0] ?? "";
}

/** The tags under which series beyond the limit are counted: same names, values replaced. */
export function otherTags(tags: Tags, baseTags: Tags): Tags {
  const keep = (name: string) => KEPT_TAGS.has(name) || Object.hasOwn(baseTags, name);
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, keep(name) ? value : OTHER]));
}
