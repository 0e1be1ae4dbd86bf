/** A run as GitHub-flavoured Markdown: outcome, thresholds, main figures, ledger, completeness, where to look next. */
import { printableLine } from "../../domain/printable.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import { durationText, percentText } from "../../domain/summary/figures.ts";
import { adviceOn } from "../../domain/summary/advice.ts";
import type { NextStep } from "../../domain/summary/render.ts";
import { thresholdTexts } from "../../domain/summary/threshold-text.ts";
import { keptAtEnd } from "../../domain/threshold/evaluate.ts";
import { mainFigures } from "./main-figures.ts";

const ROWS_MAX = 50;

export function jobSummary(document: SummaryDocument, next: readonly NextStep[]): string {
  const { cause, exitCode, outcome, run, script } = document;
  const mark = outcome === "passed" ? "✅" : "❌";
  const advice = adviceOn(document);
  const blocks = [
    `## ${mark} mesh ${outcome}: ${inline(script)}`,
    `Run \`${run}\`, exit ${exitCode}${cause === undefined ? "" : `: ${inline(cause)}`}`,
    ...(advice === undefined ? [] : [`> ${inline(advice)}`]),
    ...thresholdBlock(document),
    "### Main figures",
    table(
      ["figure", ""],
      mainFigures(document).map(({ name, text }) => [name, text]),
    ),
    "### Ledger",
    ledgerTable(document),
    "### Completeness",
    completenessList(document),
    ...nextBlock(next),
  ];
  return `${blocks.join("\n\n")}\n\n`;
}

function thresholdBlock({ metrics, thresholds = [] }: SummaryDocument): readonly string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map((each) => {
    const { limit, observed } = thresholdTexts(each, metrics);
    return [keptAtEnd(each.judgement) ? "✅" : "❌", each.metric, each.threshold, observed, limit];
  });
  return ["### Thresholds", table(["", "metric", "threshold", "observed", "limit"], rows)];
}

function ledgerTable({ ledger }: SummaryDocument): string {
  const lines = [["total", ledger.total] as const, ...Object.entries(ledger.scenarios)];
  const rows = lines.map(([name, { completed, dropped, interrupted, lost, planned }]) => [
    name,
    ...[planned, completed, interrupted, dropped, lost].map(String),
  ]);
  return table(["iterations", "planned", "completed", "interrupted", "dropped", "lost"], rows);
}

function completenessList({ clock, completeness }: SummaryDocument): string {
  const { agents, gaps = [], mismatches, windows } = completeness;
  const share = windows.total === 0 ? "" : ` (${percentText(windows.complete / windows.total)})`;
  const lines = [
    `${agents.finished} of ${agents.expected} agents finished`,
    `${windows.complete} of ${windows.total} windows complete${share}`,
    `largest clock offset ${durationText(clock.skewUsMax / 1000)}`,
    ...gaps.map(
      ({ agent, fromMs, reason, toMs }) =>
        `❌ ${agent}: not measured from ${durationText(fromMs)} to ${durationText(toMs)}, ${reason}`,
    ),
    ...mismatches.map((text) => `❌ ${text}`),
  ];
  const more = lines.length - ROWS_MAX;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  return [...lines.slice(0, ROWS_MAX), ...rest].map((line) => `- ${inline(line)}`).join("\n");
}

function nextBlock(next: readonly NextStep[]): readonly string[] {
  if (next.length === 0) return [];
  const lines = next.map(({ command }) => command);
  return ["### Where to look next", `\`\`\`sh\n${lines.join("\n")}\n\`\`\``];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const more = rows.length - ROWS_MAX;
  const shown = more > 0 ? [...rows.slice(0, ROWS_MAX), [`… and ${more} more`]] : rows;
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, column) => cell(cells[column] ?? "")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...shown.map(line)].join("\n");
}

const cell = (text: string): string => inline(text).replaceAll("|", "\\|");

/** Text that Markdown takes for text, in one line. */
const inline = (text: string): string =>
  printableLine(text)
    .replaceAll(/[\\`*_[\]~]/g, (sign) => `\\${sign}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
