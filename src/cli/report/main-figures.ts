/**
 * What short reports say of a run: its main figures, thresholds and checks that failed, and who was lost. Taken from the
 * summary document; words and units are those of the long summary.
 */
import type { CheckSummary, GroupSummary } from "../../domain/summary/checks.ts";
import type { SummaryDocument, ThresholdSummary } from "../../domain/summary/document.ts";
import { durationText, figureText, percentText } from "../../domain/summary/figures.ts";
import { keptAtEnd } from "../../domain/threshold/evaluate.ts";

export interface MainFigure {
  readonly name: string;
  readonly text: string;
}

/** Requests, failures, durations, iterations, checks: only what the run has. */
export function mainFigures({ durationMs, ledger, metrics }: SummaryDocument): readonly MainFigure[] {
  const { http_req_failed: failed, http_reqs: requests, checks } = metrics;
  const { completed, planned } = ledger.total;
  const { count = 0, rate = 0 } = requests?.values ?? {};
  return [
    ...figure(
      requests !== undefined,
      "requests",
      () => `${figureText(count, "default")}, ${figureText(rate, "default")}/s`,
    ),
    ...figure(failed !== undefined, "requests failed", () => percentText(failed?.values["rate"] ?? 0)),
    ...figure(metrics["http_req_duration"] !== undefined, "request duration", () => durationsOf(metrics)),
    { name: "iterations", text: `${completed} of ${planned} completed${leftOver(ledger.total)}` },
    ...figure(checks !== undefined, "checks", () => checksText(checks?.values ?? {})),
    { name: "duration", text: durationText(durationMs) },
  ];
}

const figure = (isThere: boolean, name: string, text: () => string): readonly MainFigure[] =>
  isThere ? [{ name, text: text() }] : [];

function durationsOf(metrics: SummaryDocument["metrics"]): string {
  const stats = Object.entries(metrics["http_req_duration"]?.values ?? {});
  return stats
    .filter(([stat]) => stat !== "count")
    .map(([stat, ms]) => `${stat}=${durationText(ms)}`)
    .join(" ");
}

/** Ends of iterations other than the good one, where there are any. */
function leftOver({ dropped, interrupted, lost }: SummaryDocument["ledger"]["total"]): string {
  return Object.entries({ interrupted, dropped, lost })
    .filter(([, iterations]) => iterations > 0)
    .map(([name, iterations]) => `, ${iterations} ${name}`)
    .join("");
}

function checksText({ fails = 0, passes = 0 }: Readonly<Record<string, number>>): string {
  return `${passes} of ${passes + fails} passed`;
}

export const failedThresholds = ({ thresholds = [] }: SummaryDocument): readonly ThresholdSummary[] =>
  thresholds.filter(({ judgement }) => !keptAtEnd(judgement));

/** Every check of the run, in the order of the summary. */
export const allChecks = (group: GroupSummary): readonly CheckSummary[] => [
  ...group.checks,
  ...group.groups.flatMap(allChecks),
];

/** `shop › cart › status is 200`. */
export const checkName = ({ path }: CheckSummary): string => path.split("::").filter(Boolean).join(" › ");

/** Budgets of generators that were broken, in words, also where they only warn. */
export const breachesTold = ({ generator }: SummaryDocument): readonly string[] =>
  (generator.breaches ?? []).map(({ message }) => message);
