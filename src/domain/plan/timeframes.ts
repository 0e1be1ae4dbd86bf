/**
 * Refuses thresholds whose timeframe is longer than the planned load: `for` could never be breached and `over` never be
 * judged. `within` looks at shorter times, too. Where iterations end a run sooner than planned, its end says so.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import { loadMsOf } from "../pace/plan-totals.ts";
import { parseThreshold } from "../threshold/parse.ts";
import { durationText } from "./duration.ts";
import type { Place } from "./place.ts";

/** Reports what does not fit; `at` is the place of the thresholds. */
export function checkTimeframes(
  { scenarios, thresholds }: Pick<Plan, "scenarios" | "thresholds">,
  at: Place,
): void {
  const loadMs = loadMsOf(scenarios);
  for (const [metric, list] of Object.entries(thresholds)) {
    for (const { threshold } of list) {
      const parsed = parseThreshold(threshold);
      const timeframe = parsed.ok ? parsed.timeframe : undefined;
      if (timeframe === undefined || timeframe.logic === "within") continue;
      const { logic, seconds } = timeframe;
      if (seconds * 1000 <= loadMs) continue;
      at.in(metric).report(
        `"${threshold}" looks at ${durationText(seconds * 1000)}, and the load lasts ${durationText(loadMs)}: ` +
          (logic === "for" ? "it could never be breached" : "it could never be judged"),
        "shorten the timeframe, or use within, which also looks at less",
      );
    }
  }
}
