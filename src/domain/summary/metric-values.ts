/**
 * A merged cell as the figures that k6's `handleSummary` shows: counter, gauge, rate and trend each have their own
 * names. Values are in k6's units: times in ms.
 */
import type { Cell } from "../metric/cell.ts";
import type { Kind, Unit } from "../metric/definition.ts";
import type { Trend } from "../metric/trend.ts";
import { TREND_SCALE } from "../metric/wire-number.ts";
import { observe, perSecond } from "../threshold/evaluate.ts";
import type { Method } from "../threshold/parse.ts";

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
): Record<string, number> | undefined {
  if (cell.kind === "counter") return { count: cell.value, rate: perSecond(cell.sum.number, durationMs) };
  if (cell.kind === "gauge") return cell.isSet ? cell.values : undefined;
  if (cell.kind === "rate") {
    if (cell.total === 0) return undefined;
    return { rate: cell.passes / cell.total, passes: cell.passes, fails: cell.fails };
  }
  return cell.count === 0 ? undefined : trendValues(cell, trendStats);
}

function trendValues(trend: Trend, stats: readonly string[]): Record<string, number> {
  const entries = stats.map((stat) => [stat, trendStat(trend, stat)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

const PERCENTILE = /^p\((\d+(?:\.\d+)?)\)$/;

/** One of avg, min, med, max, count, p(N); undefined for any other name. */
function trendStat(trend: Trend, stat: string): number | undefined {
  if (stat === "count") return trend.count;
  const percent = PERCENTILE.exec(stat)?.[1];
  if (percent !== undefined) return (trend.quantile(Number(percent)) as number) / TREND_SCALE;
  const named = (["avg", "min", "med", "max"] as const).find((name) => name === stat);
  return named === undefined ? undefined : observe({ name: named } satisfies Method, trend, 0);
}
