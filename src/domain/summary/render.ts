/**
 * The summary as text: k6's blocks first, then what k6 does not say: the ledger, how complete the numbers are, how healthy
 * the generators were, and at the end the outcome, why, and what to do. A pure function of the document and of the page
 * that it is written on; without a page at most 100 columns wide and without colours.
 */
import type { LedgerLine } from "../../../streams/schema/ledger.ts";
import { adviceOn } from "./advice.ts";
import type { SummaryDocument } from "./document.ts";
import { durationText } from "./figures.ts";
import { renderCompleteness, renderGenerator } from "./render-trust.ts";
import { renderChecks, renderMetrics, renderThresholds } from "./render-metrics.ts";
import { renderZones } from "./render-zones.ts";
import { cut, type Page, pageOf, type Paint, paragraph, type Row, table, title } from "./text-layout.ts";

const INDENT = "    ";
/** Beyond this many agents only those that were lost have a line. */
const AGENT_LINES_MAX = 12;
const CAUSE_LINES_MAX = 6;

export interface SummaryLook {
  /** Of the page, at most 100; 100 when not given. */
  readonly columns?: number | undefined;
  /** Nothing is coloured when not given. */
  readonly paint?: Paint | undefined;
  /** Commands that tell more of this run, each with what it tells; never cut, so that they can be pasted. */
  readonly next?: readonly NextStep[] | undefined;
}

export interface NextStep {
  readonly command: string;
  readonly tells: string;
}

/** The whole summary, ending in a line break. */
export function renderSummary(document: SummaryDocument, look: SummaryLook = {}): string {
  const page = pageOf(look.columns, look.paint);
  const lines = [
    ...(document.startedAt === 0 ? [] : renderFigures(document, page)),
    ...renderOutcome(document, page),
    ...renderNext(look.next ?? [], page),
  ];
  return `${lines.join("\n")}\n`;
}

/** A run that never started has none: its end says why. */
const renderFigures = (document: SummaryDocument, page: Page): readonly string[] => [
  ...renderThresholds(document, page),
  ...block("TOTAL RESULTS", [...renderChecks(document, page), ...renderMetrics(document, page)], page),
  ...block("ZONES", renderZones(document, page), page),
  ...block("LEDGER", ledgerLines(document, page), page),
  ...renderCompleteness(document, page),
  ...renderGenerator(document, page),
];

/** Nothing where it would be empty. */
const block = (name: string, lines: readonly string[], page: Page): readonly string[] =>
  lines.length === 0 ? [] : [...title(name, page), ...lines];

const COLUMNS = ["planned", "completed", "interrupted", "dropped", "lost"] as const;

function ledgerRow(name: string, line: LedgerLine): Row {
  return [name, ...COLUMNS.map((column) => String(line[column]))];
}

type Named = readonly [name: string, line: LedgerLine];

/** One that says what the total says needs no group. */
function ledgerGroup(name: string, lines: readonly Named[], total: LedgerLine): Row[] {
  const [only, ...others] = lines;
  if (only === undefined) return [];
  const isTotal = others.length === 0 && COLUMNS.every((column) => only[1][column] === total[column]);
  return isTotal ? [] : [[name], ...lines.map(([of, line]) => ledgerRow(`  ${of}`, line))];
}

function ledgerLines({ completeness, ledger }: SummaryDocument, page: Page): readonly string[] {
  if (COLUMNS.every((column) => ledger.total[column] === 0)) return [];
  const all = Object.entries(ledger.agents);
  const isLost = (name: string) => completeness.agents.lost.some((agent) => name.split(", ").includes(agent));
  const agents = all.length <= AGENT_LINES_MAX ? all : all.filter(([name]) => isLost(name));
  const rows = [
    ledgerRow("total", ledger.total),
    ...ledgerGroup("by scenario", Object.entries(ledger.scenarios), ledger.total),
    ...ledgerGroup("by agent", agents, ledger.total),
  ];
  return [...table(["iterations", ...COLUMNS], rows, INDENT, page), ""];
}

function renderOutcome(document: SummaryDocument, page: Page): string[] {
  const { cause, durationMs, exitCode, outcome, run, seed } = document;
  const isGood = outcome === "passed";
  const verdict = cut(`${isGood ? "✓" : "✗"} ${outcome} (exit ${exitCode})`, page.columns - 2);
  const rest = ` after ${durationText(durationMs)}, run ${run}${seed === undefined ? "" : `, seed ${seed}`}`;
  const fits = 2 + verdict.length + rest.length <= page.columns;
  const paintedVerdict = `  ${page.paint(isGood ? "green" : "red", page.paint("bold", verdict))}`;
  const first = fits ? [paintedVerdict + rest] : [paintedVerdict, cut(INDENT + rest.trim(), page.columns)];
  const why = cause === undefined ? [] : brief(paragraph(cause, INDENT, page));
  const advice = adviceOn(document);
  return [...first, ...why, ...(advice === undefined ? [] : paragraph(advice, INDENT, page))];
}

/** The beginning of a cause that names many things; COMPLETENESS has them. */
function brief(lines: readonly string[]): readonly string[] {
  if (lines.length <= CAUSE_LINES_MAX) return lines;
  return [...lines.slice(0, CAUSE_LINES_MAX), `${INDENT}…`];
}

function renderNext(next: readonly NextStep[], { columns, paint }: Page): string[] {
  if (next.length === 0) return [];
  const fits = ({ command, tells }: NextStep) =>
    tells !== "" && INDENT.length + command.length + 2 + tells.length <= columns;
  const width = Math.max(0, ...next.filter(fits).map(({ command }) => command.length)) + 2;
  const lines = next.map(({ command, tells }) => {
    const line = `${INDENT}${command.padEnd(width)}${tells}`.trimEnd();
    return paint("dim", line.length <= columns ? line : `${INDENT}${command}`);
  });
  return ["", ...lines];
}
