/** What a threshold was judged on and what its limit is, as people read it: both in the unit of the metric. */
import { parseThreshold } from "../threshold/parse.ts";
import type { SummaryDocument, ThresholdSummary } from "./document.ts";
import { clockText, figureText, percentText } from "./figures.ts";

export interface ThresholdTexts {
  /** `p(95)=5.5ms`, with a timeframe also when; or that there were no data. */
  readonly observed: string;
  /** `<5ms`; empty where the threshold cannot be read. */
  readonly limit: string;
}

const NONE = { contains: "default", type: "gauge" } as const;

export function thresholdTexts(
  summary: ThresholdSummary,
  metrics: SummaryDocument["metrics"],
): ThresholdTexts {
  const { metric, observed, threshold } = summary;
  const { contains, type } = metrics[metric] ?? metrics[metric.replace(/\{.*$/s, "")] ?? NONE;
  const figure = (value: number) => (type === "rate" ? percentText(value) : figureText(value, contains));
  const parsed = parseThreshold(threshold);
  const method = /^[^<>=!]*/.exec(threshold)?.[0].trim() ?? "";
  return {
    observed: observed === undefined ? "no data" : seenText(summary, `${method}=${figure(observed)}`),
    limit: parsed.ok ? `${parsed.operator}${figure(parsed.limit)}` : "",
  };
}

/** A breach by its time; what was kept by the figure that came nearest to the limit. */
function seenText({ frame, judgement }: ThresholdSummary, figure: string): string {
  if (frame === undefined) return figure;
  const time = frameText(frame);
  return judgement === "fail" ? `breached at ${time}, ${figure}` : `${figure} at worst, ${time}`;
}

/** `0:42–0:52`. */
export const frameText = ({ fromMs, toMs }: NonNullable<ThresholdSummary["frame"]>): string =>
  `${clockText(fromMs)}–${clockText(toMs)}`;

/** Both in one line: `p(95)=5.5ms, limit <5ms`. */
export function observedText(summary: ThresholdSummary, metrics: SummaryDocument["metrics"]): string {
  const { limit, observed } = thresholdTexts(summary, metrics);
  return limit === "" ? observed : `${observed}, limit ${limit}`;
}
