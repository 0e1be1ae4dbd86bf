/**
 * Thresholds as they stand in mid-run: a mark, the figure over the whole run or, with a timeframe, the latest one, and how
 * far it is from its limit. Judged by the same functions as the verdict, on the same fold of the log.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Cell } from "../../domain/metric/cell.ts";
import type { Unit } from "../../domain/metric/definition.ts";
import { bytesText } from "../../domain/summary/figures.ts";
import type { RunMetrics } from "../../domain/summary/run-metrics.ts";
import { evaluateThreshold, type Judgement } from "../../domain/threshold/evaluate.ts";
import { parseThreshold } from "../../domain/threshold/parse.ts";
import type { Standing } from "../../domain/threshold/windowed.ts";
import { shareFigure, timeFigure } from "./figures.ts";
import { narrow } from "./spans.ts";

export interface ThresholdMark {
  readonly metric: string;
  readonly threshold: string;
  readonly judgement: Judgement;
  readonly observed: string;
  /** The figure as a share of its limit; undefined where the limit is 0 or there is no figure. */
  readonly ofLimit: number | undefined;
  /** Kept, and within a tenth of its limit. */
  readonly isClose: boolean;
  /** It looks at a timeframe, not at the whole run. */
  readonly isWindowed: boolean;
}

const CLOSE = 0.1;

export function thresholdMarks(
  { thresholds }: Plan,
  metrics: RunMetrics,
  elapsedMs: number,
): readonly ThresholdMark[] {
  return Object.entries(thresholds).flatMap(([metric, list]) =>
    list.map(({ threshold }) => markOf(metric, threshold, metrics, elapsedMs)),
  );
}

function markOf(metric: string, threshold: string, metrics: RunMetrics, elapsedMs: number): ThresholdMark {
  const cell = metrics.cell(metric);
  const names = { metric: narrow(metric), threshold: narrow(threshold) };
  const expression = parseThreshold(threshold);
  const isWindowed = expression.ok && expression.timeframe !== undefined;
  if (!expression.ok)
    return { ...names, judgement: "no data", observed: "", ofLimit: undefined, isClose: false, isWindowed };
  const standing = metrics.windowed?.standing(metric, threshold, false);
  const { judgement, observed } =
    standing === undefined ? evaluateThreshold(expression, cell, elapsedMs) : latestOf(standing);
  const ofLimit = observed === undefined || expression.limit === 0 ? undefined : observed / expression.limit;
  return {
    ...names,
    judgement,
    observed: observed === undefined ? "no data" : figureOf(observed, cell, metrics.unit(metric)),
    ofLimit,
    isClose: judgement === "pass" && ofLimit !== undefined && Math.abs(1 - ofLimit) < CLOSE && ofLimit !== 1,
    isWindowed,
  };
}

/** What it saw at its breach, which stays; until then what it saw last. */
const latestOf = ({ judgement, latest, seen }: Standing) => ({
  judgement,
  observed: (judgement === "fail" ? seen : latest)?.observed,
});

function figureOf(observed: number, cell: Cell | undefined, unit: Unit | undefined): string {
  if (cell?.kind === "rate") return shareFigure(observed);
  if (unit === "time") return timeFigure(observed * 1000);
  return unit === "data" ? bytesText(observed) : String(Number(observed.toPrecision(4)));
}
