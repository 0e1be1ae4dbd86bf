/**
 * Judges one threshold on what has been merged so far. While a run goes on, "no data" decides nothing; at its end it
 * fails (k6 lets an empty metric pass; ours does not).
 */
import { type Cell, kindOf } from "../metric/cell.ts";
import type { Method } from "../metric/kind.ts";
import type { Operator, ThresholdExpression } from "./parse.ts";

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
  return kindOf(cell.kind).observe(method, cell, durationMs);
}
