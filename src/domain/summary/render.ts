/**
 * The summary as plain text: k6's blocks first, then what k6 does not say: the ledger, how complete the numbers are and
 * how healthy the generators were. A pure function of the document, at most 100 columns wide, no colours.
 */
import type { LedgerLine } from "../../../streams/schema/ledger.ts";
import type { SummaryDocument } from "./document.ts";
import { durationText } from "./figures.ts";
import { renderCompleteness, renderGenerator } from "./render-trust.ts";
import { renderChecks, renderMetrics, renderThresholds } from "./render-metrics.ts";
import { cut, paragraph, type Row, table, WIDTH } from "./text-layout.ts";

const INDENT = "    ";
/** Beyond this many agents only those that were lost have a line. */
const AGENT_LINES_MAX = 12;

/** The whole summary, ending in a line break. */
export function renderSummary(document: SummaryDocument): string {
  const { durationMs, metrics, root_group: root, thresholds = [] } = document;
  const lines = [
    ...(thresholds.length > 0 ? renderThresholds(thresholds, metrics) : []),
    "  █ TOTAL RESULTS",
    "",
    ...renderChecks(metrics["checks"], root, durationMs),
    ...renderMetrics(metrics),
    ...renderLedger(document),
    ...renderCompleteness(document.completeness),
    ...renderGenerator(document),
    ...renderOutcome(document),
  ];
  return `${lines.join("\n")}\n`;
}

const COLUMNS = ["planned", "completed", "interrupted", "dropped", "lost"] as const;

function ledgerRow(name: string, line: LedgerLine): Row {
  return [name, ...COLUMNS.map((column) => String(line[column]))];
}

function renderLedger({ completeness, ledger }: SummaryDocument): string[] {
  const scenarios = Object.entries(ledger.scenarios).map(([name, line]) => ledgerRow(`  ${name}`, line));
  const all = Object.entries(ledger.agents);
  const isLost = (name: string) => completeness.agents.lost.some((agent) => name.split(", ").includes(agent));
  const shown = all.length <= AGENT_LINES_MAX ? all : all.filter(([name]) => isLost(name));
  const agents = shown.map(([name, line]) => ledgerRow(`  ${name}`, line));
  const head: Row = ["iterations", ...COLUMNS];
  const groups: Row[] = [head, ledgerRow("total", ledger.total), ["by scenario"], ...scenarios];
  const rows = agents.length === 0 ? groups : [...groups, ["by agent"] satisfies Row, ...agents];
  return ["  █ LEDGER", "", ...table(rows, INDENT), ""];
}

function renderOutcome({ cause, durationMs, exitCode, outcome, run }: SummaryDocument): string[] {
  const first = cut(`  ${outcome} (exit ${exitCode}) after ${durationText(durationMs)}, run ${run}`, WIDTH);
  return cause === undefined ? [first] : [first, ...paragraph(cause, "  ")];
}
