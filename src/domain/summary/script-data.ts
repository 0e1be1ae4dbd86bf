/**
 * What `handleSummary(data)` gets: the summary document, and beside it the fields that scripts written for k6 read –
 * `state`, `options`, `setup_data`, and each metric's thresholds. A pure function of what the log holds.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import type { SummaryDocument, ThresholdSummary } from "./document.ts";

/** A run's output never goes to a terminal of the agent that runs `handleSummary`. */
const NO_TERMINAL = { isStdOutTTY: false, isStdErrTTY: false };

export function scriptData(document: Partial<SummaryDocument>, plan: Plan, setup: unknown): object {
  const { durationMs = 0, metrics = {}, thresholds = [] } = document;
  const judged = Object.entries(metrics).map(([name, metric]) => {
    const own = thresholds.filter((threshold) => threshold.metric === name);
    return [name, own.length === 0 ? metric : { ...metric, thresholds: byExpression(own) }];
  });
  return {
    ...document,
    metrics: Object.fromEntries(judged) as object,
    options: { summaryTrendStats: plan.summaryTrendStats, summaryTimeUnit: "", noColor: true },
    state: { ...NO_TERMINAL, testRunDurationMs: durationMs },
    ...(setup === undefined ? {} : { setup_data: setup }),
  };
}

const byExpression = (thresholds: readonly ThresholdSummary[]): object =>
  Object.fromEntries(thresholds.map(({ judgement, threshold }) => [threshold, { ok: judgement === "pass" }]));
