/**
 * Judges one threshold on what has been merged so far. While a run goes on, "no data" decides nothing; at its end it
 * fails (k6 lets an empty metric pass; ours does not).
 */
import { COUNTER_SCALE, TREND_SCALE } from "../metric/wire-number.ts";
import type { Cell } from "../metric/cell.ts";
import type { Trend } from "../metric/trend.ts";
import type { Method, Operator, ThresholdExpression } from "./parse.ts";

export type Judgement = "pass" | "fail" | "no data";

/** A judgement with the figure it rests on, in k6's units (ms for times). */
export interface Judged {
  readonly judgement: Judgement;
  readonly observed: number | undefined;
}

const HOLDS: Readonly<Record<Operator, (observed: number, limit: number) => boolean>> = {
  ">": (observed, limit) => observed > limit,
  ">=": (observed, limit) => observed >= limit,
  "<": (observed, limit) => observed < limit,
  "<=": (observed, limit) => observed <= limit,
  "==": (observed, limit) => observed === limit,
  "===": (observed, limit) => observed === limit,
  "!=": (observed, limit) => observed !== limit,
};

/** Judges `expression` on a cell; `durationMs` is the time that a counter's rate is over. */
export function evaluateThreshold(
  expression: ThresholdExpression,
  cell: Cell | undefined,
  durationMs: number,
): Judged {
  const observed = cell === undefined ? undefined : observe(expression.method, cell, durationMs);
  if (observed === undefined) return { judgement: "no data", observed };
  return { judgement: crosses(expression, observed) ? "fail" : "pass", observed };
}

/** Whether a figure is on the wrong side. */
export function crosses({ limit, operator }: ThresholdExpression, observed: number): boolean {
  return !HOLDS[operator](observed, limit);
}

/** Whether a threshold is kept at the end of a run: no data is not good news. */
export function keptAtEnd(judgement: Judgement): boolean {
  return judgement === "pass";
}

/** The figure a method names, in k6's units; undefined without data, or when the kind has no such figure. */
export function observe(method: Method, cell: Cell, durationMs: number): number | undefined {
  if (cell.kind === "trend") return observeTrend(method, cell);
  if (cell.kind === "gauge") return method.name === "value" && cell.isSet ? cell.values.value : undefined;
  if (cell.kind === "rate") {
    return method.name === "rate" && cell.total > 0 ? cell.passes / cell.total : undefined;
  }
  if (method.name === "count") return cell.value;
  return method.name === "rate" ? perSecond(cell.sum.number, durationMs) : undefined;
}

/** A counter's rate. Over no time it is 0, not infinite. */
export function perSecond(wireSum: number, durationMs: number): number {
  return durationMs > 0 ? (wireSum / COUNTER_SCALE / durationMs) * 1000 : 0;
}

function observeTrend(method: Method, trend: Trend): number | undefined {
  if (trend.count === 0) return undefined;
  const wire = trendFigure(method, trend);
  return wire === undefined ? undefined : wire / TREND_SCALE;
}

/** A figure of a trend as a wire number. */
function trendFigure(method: Method, trend: Trend): number | undefined {
  if (method.name === "p") return trend.quantile(method.percent);
  if (method.name === "med") return trend.quantile(50);
  if (method.name === "avg") return trend.sum.number / trend.count;
  if (method.name === "min") return trend.min;
  return method.name === "max" ? trend.max : undefined;
}
