/** A merged cell as the figures that k6's `handleSummary` shows, in k6's units: times in ms. Each kind has its own names. */
import { type Cell, kindOf } from "../metric/cell.ts";
import type { Kind, Unit } from "../metric/definition.ts";

/** One metric, or sub-metric, of the summary: k6's shape. */
export interface MetricSummary {
  readonly type: Kind;
  readonly contains: Unit;
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** The figures of a cell over `durationMs`; undefined when it has none (a trend without samples). */
export function valuesOf(
  cell: Cell,
  durationMs: number,
  trendStats: readonly string[],
): Readonly<Record<string, number>> | undefined {
  return kindOf(cell.kind).figures(cell, durationMs, trendStats);
}
