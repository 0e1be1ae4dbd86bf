/**
 * The part of the summary that says how far its numbers can be trusted: how complete they are, where the load ended when
 * a cause ended it, and how healthy the generators were.
 */
import type { HealthSample } from "../interval/health.ts";
import { SERIES_PER_METRIC_MAX, SERIES_PER_METRIC_MAX_MERGED } from "../metric/definition.ts";
import type { LoadGap, Stopped, SummaryDocument } from "./document.ts";
import { durationText, percentText } from "./figures.ts";
import type { WindowCounts } from "./window-counts.ts";
import { renderHealth } from "./render-health.ts";
import { cut, dotted, type Page, paragraph, type Row, table, title } from "./text-layout.ts";

const INDENT = "    ";
/** Beyond this many agents only the latest, or the worst, have a line. */
const AGENT_LINES_MAX = 12;
const MISMATCH_LINES_MAX = 10;
const GAP_LINES_MAX = 10;

export function renderCompleteness({ completeness }: SummaryDocument, page: Page): string[] {
  const { agents, faults = {}, folded = {}, gaps = [], mismatches, stopped, windows } = completeness;
  const { guarded = [], interruptedRequests = 0 } = completeness;
  const rows: Row[] = [
    ["agents", `${agents.finished} of ${agents.expected} finished`],
    ...windowRows(windows),
  ];
  if (agents.lost.length > 0) rows.push(["agents lost", ...agents.lost.map((name) => cut(name, 40))]);
  if (stopped !== undefined) rows.push(...stoppedRows(stopped));
  if (interruptedRequests > 0) {
    rows.push(["requests cut with their iteration", `${interruptedRequests}, in no figure above`]);
  }
  for (const { did, rail, requests } of guarded) {
    rows.push([did === "held" ? "requests held back" : "requests refused", `${requests}, by ${rail}`]);
  }
  for (const [name, { rejected, saturated }] of Object.entries(faults)) {
    rows.push([`${name} samples`, `${rejected} rejected`, `${saturated} beyond the scale`]);
  }
  return [
    ...title("COMPLETENESS", page),
    ...dotted(rows, INDENT, page),
    ...renderFolded(folded, page),
    ...renderGaps(gaps, page),
    ...renderMismatches(mismatches, page),
    "",
  ];
}

/** How many windows are whole, how many workers were in one, and in which somebody was missing. */
function windowRows({ complete, lacking = [], partial, total, workers }: WindowCounts): Row[] {
  if (total === 0) return [];
  const rows: Row[] = [["windows", `${complete} of ${total} complete (${percentText(complete / total)})`]];
  if (workers !== undefined) {
    const { max, min, typical } = workers;
    rows.push(["workers in a window", min === max ? String(max) : `${min} to ${max}, typically ${typical}`]);
  }
  if (lacking.length === 0) return rows;
  const shown = lacking.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const named = lacking.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const more = partial > named ? [`and ${partial - named} more`] : [];
  const [first = "", ...others] = separated([...shown, ...more]);
  return [...rows, ["somebody missing in", `window${partial === 1 ? "" : "s"} ${first}`, ...others]];
}

const separated = (cells: readonly string[]): string[] =>
  cells.map((cell, index) => (index < cells.length - 1 ? `${cell},` : cell));

/** When the load ended: by agent, the latest first, beside the end of the window that shows the cause. */
function stoppedRows({ lastRequestMs, window, windowEndMs }: Stopped): Row[] {
  const seen: Row[] =
    window === undefined || windowEndMs === undefined
      ? []
      : [["cause seen in window", `${window}, which ended at ${durationText(windowEndMs)}`]];
  const latest = Object.entries(lastRequestMs).toSorted(([, a], [, b]) => b - a);
  const rows = latest.slice(0, AGENT_LINES_MAX).map(([agent, ms]): Row => {
    const after = windowEndMs === undefined ? "" : `, ${relativeText(ms - windowEndMs)}`;
    return [`last request of ${agent}`, `at ${durationText(ms)}${after}`];
  });
  const more = latest.length - AGENT_LINES_MAX;
  const others: Row[] = more > 0 ? [["last requests of others", `${more}, all earlier`]] : [];
  return [...seen, ...rows, ...others];
}

const relativeText = (ms: number): string =>
  ms < 0 ? `${durationText(-ms)} before that` : `${durationText(ms)} after that`;

/** One line for each tag that has too many values, with the metrics that carry it. */
function renderFolded(folded: Readonly<Record<string, readonly string[]>>, page: Page): string[] {
  const metricsOf = new Map<string, string[]>();
  for (const [metric, tags] of Object.entries(folded)) {
    for (const tag of tags) metricsOf.set(tag, [...(metricsOf.get(tag) ?? []), metric]);
  }
  return [...metricsOf].flatMap(([tag, metrics]) => {
    const text =
      `! tag "${tag}" of ${metrics.join(", ")} has too many values: beyond ${SERIES_PER_METRIC_MAX} series of a metric ` +
      `in a worker, ${SERIES_PER_METRIC_MAX_MERGED} in a zone, they are counted together as __other__; totals are exact`;
    return ["", ...paragraph(text, INDENT, page)];
  });
}

function renderGaps(gaps: readonly LoadGap[], page: Page): string[] {
  if (gaps.length === 0) return [];
  const lines = gaps.slice(0, GAP_LINES_MAX).flatMap(({ agent, zone, fromMs, toMs, reason }) => {
    const times = `from ${durationText(fromMs)} to ${durationText(toMs)}`;
    return paragraph(`✗ ${agent} (zone ${zone}): not measured ${times}, ${reason}`, INDENT, page);
  });
  const more = gaps.length - GAP_LINES_MAX;
  return ["", ...lines, ...(more > 0 ? [`${INDENT}… and ${more} more`] : [])];
}

function renderMismatches(mismatches: readonly string[], page: Page): string[] {
  if (mismatches.length === 0) return [];
  const shown = mismatches
    .slice(0, MISMATCH_LINES_MAX)
    .flatMap((text) => paragraph(`✗ ${text}`, INDENT, page));
  const more = mismatches.length - MISMATCH_LINES_MAX;
  return ["", ...shown, ...(more > 0 ? [`${INDENT}… and ${more} more`] : [])];
}

export function renderGenerator({ clock, generator }: SummaryDocument, page: Page): string[] {
  const all = Object.values(generator.byAgent);
  const agents = worstOf(all);
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
  const more = all.length - agents.length;
  const others = more > 0 ? paragraph(`… and ${more} more agents, the worst of no column`, INDENT, page) : [];
  const lines = [...table(head, rows, INDENT, page), ...others, ...paragraph(skew, INDENT, page)];
  lines.push(...renderHealth(generator, INDENT, page));
  return [...title("GENERATOR", page), ...lines, ""];
}

const SHOWN = ["lagUsMax", "loopDelayUsMax", "gcUs", "cpuPermille", "rssKb", "drops"] as const;

/** All agents, or of many the two worst of each column. */
function worstOf(agents: readonly HealthSample[]): readonly HealthSample[] {
  if (agents.length <= AGENT_LINES_MAX) return agents;
  const worst = SHOWN.flatMap((measure) => agents.toSorted((a, b) => b[measure] - a[measure]).slice(0, 2));
  return agents.filter((agent) => worst.includes(agent));
}
