/**
 * The summary as plain text: k6's blocks first, then what k6 does not say: the ledger, how complete the numbers are and
 * how healthy the generators were. A pure function of the document, at most 100 columns wide, no colours.
 */
import type { LedgerLine } from "../../../streams/schema/ledger.ts";
import type { Completeness, LoadGap, SummaryDocument } from "./document.ts";
import { durationText, percentText } from "./figures.ts";
import { renderChecks, renderMetrics, renderThresholds } from "./render-metrics.ts";
import { cut, dotted, paragraph, type Row, table, WIDTH } from "./text-layout.ts";

const INDENT = "    ";
/** Beyond this many agents only those that were lost have a line. */
const AGENT_LINES_MAX = 12;
const MISMATCH_LINES_MAX = 10;
const GAP_LINES_MAX = 10;

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

function renderCompleteness(completeness: Completeness): string[] {
  const { agents, faults = {}, gaps = [], interruptedRequests = 0, mismatches, windows } = completeness;
  const share = windows.total === 0 ? "" : ` (${percentText(windows.complete / windows.total)})`;
  const rows: Row[] = [
    ["agents", `${agents.finished} of ${agents.expected} finished`],
    ["windows", `${windows.complete} of ${windows.total} complete${share}`],
  ];
  if (agents.lost.length > 0) rows.push(["agents lost", ...agents.lost.map((name) => cut(name, 40))]);
  if (interruptedRequests > 0) {
    rows.push(["requests cut with their iteration", `${interruptedRequests}, in no figure above`]);
  }
  for (const [name, { rejected, saturated }] of Object.entries(faults)) {
    rows.push([`${name} samples`, `${rejected} rejected`, `${saturated} beyond the scale`]);
  }
  return [
    "  █ COMPLETENESS",
    "",
    ...dotted(rows, INDENT),
    ...renderGaps(gaps),
    ...renderMismatches(mismatches),
    "",
  ];
}

function renderGaps(gaps: readonly LoadGap[]): string[] {
  if (gaps.length === 0) return [];
  const lines = gaps.slice(0, GAP_LINES_MAX).flatMap(({ agent, zone, fromMs, toMs, reason }) => {
    const times = `from ${durationText(fromMs)} to ${durationText(toMs)}`;
    return paragraph(`✗ ${agent} (zone ${zone}): not measured ${times}, ${reason}`, INDENT);
  });
  const more = gaps.length - GAP_LINES_MAX;
  return ["", ...lines, ...(more > 0 ? [`${INDENT}… and ${more} more`] : [])];
}

function renderMismatches(mismatches: readonly string[]): string[] {
  if (mismatches.length === 0) return [];
  const shown = mismatches.slice(0, MISMATCH_LINES_MAX).flatMap((text) => paragraph(`✗ ${text}`, INDENT));
  const more = mismatches.length - MISMATCH_LINES_MAX;
  return ["", ...shown, ...(more > 0 ? [`${INDENT}… and ${more} more`] : [])];
}

function renderGenerator({ clock, generator }: SummaryDocument): string[] {
  const agents = Object.values(generator.byAgent).slice(0, AGENT_LINES_MAX);
  if (agents.length === 0) return [];
  const us = (value: number) => durationText(value / 1000);
  const rows = agents.map((health): Row => {
    const { agent, cpuPermille, drops, gcUs, lagUsMax, loopDelayUsMax, rssKb } = health;
    const [cpu, memory] = [`${(cpuPermille / 10).toFixed(0)}%`, `${(rssKb / 1000).toFixed(0)} MB`];
    return [agent, us(lagUsMax), us(loopDelayUsMax), us(gcUs), cpu, memory, String(drops)];
  });
  const head: Row = ["worst window of", "lag", "loop delay", "gc", "cpu", "memory", "drops"];
  const late = clock.startLateUsMax === 0 ? "" : `, start heard of ${us(clock.startLateUsMax)} late`;
  const skew = `largest clock offset ${us(clock.skewUsMax)} ± ${us(clock.errorUsMax)}${late}`;
  return ["  █ GENERATOR", "", ...table([head, ...rows], INDENT), `${INDENT}${skew}`, ""];
}

function renderOutcome({ cause, durationMs, exitCode, outcome, run }: SummaryDocument): string[] {
  const first = cut(`  ${outcome} (exit ${exitCode}) after ${durationText(durationMs)}, run ${run}`, WIDTH);
  return cause === undefined ? [first] : [first, ...paragraph(cause, "  ")];
}
