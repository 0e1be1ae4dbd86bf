/** Every threshold of a plan on what root's log holds at the end of a run: on the whole of it, or by its timeframe. */
import type { Threshold } from "../../../streams/schema/plan.ts";
import { evaluateThreshold } from "../threshold/evaluate.ts";
import { parseThreshold } from "../threshold/parse.ts";
import type { ThresholdSummary } from "./document.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** In the plan's order. `durationMs` is the time that a counter's rate over the whole run is over. */
export function judgeThresholds(
  thresholds: Readonly<Record<string, readonly Threshold[]>>,
  metrics: RunMetrics,
  durationMs: number,
): readonly ThresholdSummary[] {
  return Object.entries(thresholds).flatMap(([metric, list]) =>
    list.map(({ threshold }): ThresholdSummary => {
      const parsed = parseThreshold(threshold);
      if (!parsed.ok) return { metric, threshold, judgement: "no data" };
      const standing = metrics.windowed?.standing(metric, threshold, true);
      if (standing !== undefined)
        return { metric, threshold, judgement: standing.judgement, ...standing.seen };
      const { judgement, observed } = evaluateThreshold(parsed, metrics.cell(metric), durationMs);
      return { metric, threshold, judgement, ...(observed === undefined ? {} : { observed }) };
    }),
  );
}
