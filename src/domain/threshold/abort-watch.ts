/**
 * Watches root's own interval log for the first threshold with `abortOnFail` that is crossed. It is asked after each
 * interval has been folded, in the log's order, and counts time in window numbers only: the same log gives the same
 * evidence in root, in the root that takes over, and in a replay.
 */
import type { Cause, Evidence } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Cell } from "../metric/cell.ts";
import { crosses, evaluateThreshold } from "./evaluate.ts";
import { parseThreshold, type ThresholdExpression } from "./parse.ts";
import type { WindowedThresholds } from "./windowed.ts";

/** What is asked of the folded log. */
interface Folded {
  cell(selector: string): Cell | undefined;
  readonly windowed: WindowedThresholds | undefined;
}

interface Watched {
  readonly metric: string;
  readonly threshold: string;
  readonly expression: ThresholdExpression;
  readonly delayMs: number;
}

export class AbortWatch {
  readonly #watched: readonly Watched[];
  readonly #windowMs: number;
  #highest = -1;
  #breach: Evidence | undefined;

  constructor({ thresholds, windowMs }: Pick<Plan, "thresholds" | "windowMs">) {
    this.#windowMs = windowMs;
    this.#watched = watchedIn(thresholds);
  }

  /** The first breach, once there is one: what is good again later does not undo it. */
  get breach(): Evidence | undefined {
    return this.#breach;
  }

  /** Judges the run up to the interval of this head, which `metrics` holds already; the first breach so far. */
  judge(
    metrics: Folded,
    { number, window }: { readonly number: number; readonly window: number },
  ): Evidence | undefined {
    this.#highest = Math.max(this.#highest, window);
    if (this.#breach !== undefined) return this.#breach;
    const elapsedMs = (this.#highest + 1) * this.#windowMs;
    for (const watched of this.#watched) {
      if (watched.delayMs >= elapsedMs) continue;
      const { metric, threshold } = watched;
      const crossed = crossedIn(watched, metrics, elapsedMs);
      if (crossed === undefined) continue;
      this.#breach = { interval: number, window, metric, threshold, ...crossed };
      break;
    }
    return this.#breach;
  }
}

function watchedIn(thresholds: Plan["thresholds"]): readonly Watched[] {
  return Object.entries(thresholds).flatMap(([metric, list]) =>
    list.flatMap(({ abortOnFail, delayAbortEvalMs: delayMs, threshold }): Watched[] => {
      const expression = parseThreshold(threshold);
      return abortOnFail && expression.ok ? [{ metric, threshold, expression, delayMs }] : [];
    }),
  );
}

/** What crosses a threshold: in its timeframe, or in the run so far. */
function crossedIn(
  { expression, metric, threshold }: Watched,
  metrics: Folded,
  elapsedMs: number,
): Pick<Evidence, "observed" | "windows"> | undefined {
  if (expression.timeframe !== undefined) {
    const breach = metrics.windowed?.breach(metric, threshold);
    return breach && { observed: breach.observed, windows: breach.frame.windows };
  }
  const observed = breachIn(expression, metrics.cell(metric), elapsedMs);
  return observed === undefined ? undefined : { observed };
}

/** The figure that crosses the threshold. Without data nothing is decided; a counter that counted nothing has none, as in k6. */
function breachIn(
  expression: ThresholdExpression,
  cell: Cell | undefined,
  elapsedMs: number,
): number | undefined {
  if (cell === undefined || (cell.kind === "counter" && cell.sum.number === 0)) return undefined;
  const { judgement, observed } = evaluateThreshold(expression, cell, elapsedMs);
  return judgement === "fail" ? observed : undefined;
}

/** Why the run is stopped, in one sentence. */
export function causeOfBreach({ metric, observed, threshold, window, windows }: Evidence): Cause {
  const where = windows === undefined ? `window ${window}` : `windows ${windows.join(" to ")}`;
  const message = `${metric} was ${figureOf(threshold, observed)}, must be ${threshold} (${where})`;
  return { kind: "threshold", message, by: "" };
}

/** As few digits as show that the threshold was crossed. */
function figureOf(threshold: string, observed: number): string {
  const expression = parseThreshold(threshold);
  const figures = [4, 8, 12].map((digits) => Number(observed.toPrecision(digits)));
  return String(figures.find((figure) => expression.ok && crosses(expression, figure)) ?? observed);
}
