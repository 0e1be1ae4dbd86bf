/**
 * The part of the summary that shows metrics, in k6's order and form: checks, then custom, HTTP, execution and network
 * metrics, each with its sub-metrics below it.
 */
import { BUILTIN_METRICS } from "../metric/builtin.ts";
import type { CheckSummary, GroupSummary } from "./checks.ts";
import type { SummaryDocument, ThresholdSummary } from "./document.ts";
import { bytesText, figureText, percentText } from "./figures.ts";
import type { MetricSummary } from "./metric-values.ts";
import { cut, dotted, type Row, WIDTH } from "./text-layout.ts";

type Metrics = SummaryDocument["metrics"];

const INDENT = "    ";
const MARKS = { pass: "✓", fail: "✗", "no data": "✗" } as const;

/** Each threshold with a mark and the figure it was judged on. */
export function renderThresholds(thresholds: readonly ThresholdSummary[], metrics: Metrics): string[] {
  const names = [...new Set(thresholds.map(({ metric }) => metric))];
  const blocks = names.flatMap((name) => [
    cut(`${INDENT}${name}`, WIDTH),
    ...thresholds.filter(({ metric }) => metric === name).map((each) => thresholdLine(each, metrics)),
    "",
  ]);
  return ["  █ THRESHOLDS", "", ...blocks];
}

function thresholdLine(
  { judgement, metric, observed, threshold }: ThresholdSummary,
  metrics: Metrics,
): string {
  const whole = metric.replace(/\{.*$/s, "");
  const { contains, type } = metrics[metric] ?? metrics[whole] ?? { contains: "default", type: "gauge" };
  const figure = observed === undefined ? "no data" : observedText(observed, contains, type, threshold);
  return cut(`${INDENT}${MARKS[judgement]} '${threshold}' ${figure}`, WIDTH);
}

function observedText(
  observed: number,
  unit: MetricSummary["contains"],
  type: MetricSummary["type"],
  threshold: string,
): string {
  const method = /^[^<>=!]*/.exec(threshold)?.[0].trim() ?? "";
  return `${method}=${type === "rate" ? percentText(observed) : figureText(observed, unit)}`;
}

/** Totals of all checks, then each check under its group. */
export function renderChecks(
  metric: MetricSummary | undefined,
  root: GroupSummary,
  durationMs: number,
): string[] {
  if (metric === undefined) return [];
  const { fails = 0, passes = 0 } = metric.values;
  const total = passes + fails;
  const perSecond = durationMs > 0 ? (total / durationMs) * 1000 : 0;
  const rows: Row[] = [
    ["checks_total", String(total).padEnd(7), `${figureText(perSecond, "default")}/s`],
    ["checks_succeeded", percentText(passes / total).padEnd(7), `${passes} out of ${total}`],
    ["checks_failed", percentText(fails / total).padEnd(7), `${fails} out of ${total}`],
  ];
  return [...dotted(rows, INDENT), "", ...renderGroup(root, INDENT), ""];
}

function renderGroup(group: GroupSummary, indent: string): string[] {
  const checks = group.checks.flatMap((check) => checkLines(check, indent));
  const groups = group.groups.filter(hasChecks).flatMap((inner) => {
    const gap = inner.checks.length > 0 ? [""] : [];
    return ["", cut(`${indent}█ ${inner.name}`, WIDTH), ...gap, ...renderGroup(inner, `${indent}  `)];
  });
  return [...checks, ...groups];
}

function hasChecks(group: GroupSummary): boolean {
  return group.checks.length > 0 || group.groups.some(hasChecks);
}

function checkLines({ fails, name, passes }: CheckSummary, indent: string): string[] {
  if (fails === 0) return [cut(`${indent}✓ ${name}`, WIDTH)];
  const share = percentText(passes / (passes + fails));
  return [cut(`${indent}✗ ${name}`, WIDTH), `${indent}  ↳ ${share} — ✓ ${passes} / ✗ ${fails}`];
}

/** The blocks in their order; the last test takes what no other took. */
const BLOCKS: readonly (readonly [title: string, takes: (name: string) => boolean])[] = [
  ["CUSTOM", (name) => !BUILTIN_METRICS.has(name)],
  ["HTTP", (name) => name.startsWith("http_")],
  ["EXECUTION", (name) => !/^(http_|data_|checks$)/.test(name)],
  ["NETWORK", (name) => name.startsWith("data_")],
];

/** All metrics but checks, block by block. */
export function renderMetrics(metrics: Metrics): string[] {
  const left = new Set(Object.keys(metrics).filter((name) => !name.includes("{")));
  return BLOCKS.flatMap(([title, takes]) => {
    const names = [...left].filter(takes).toSorted();
    for (const name of names) left.delete(name);
    const rows = names.flatMap((name) => metricRows(name, metrics));
    return rows.length === 0 ? [] : [`${INDENT}${title}`, ...dotted(rows, INDENT), ""];
  });
}

function metricRows(name: string, metrics: Metrics): Row[] {
  const parts = Object.keys(metrics).filter((other) => other.startsWith(`${name}{`));
  return [name, ...parts.toSorted()].flatMap((each): Row[] => {
    const metric = metrics[each];
    if (metric === undefined) return [];
    const label = each === name ? name : `  { ${each.slice(name.length + 1, -1)} }`;
    return [[label, ...cells(metric)]];
  });
}

function cells({ contains, type, values }: MetricSummary): string[] {
  const { count = 0, fails = 0, max = 0, min = 0, passes = 0, rate = 0, value = 0 } = values;
  const figure = (number: number) => figureText(number, contains);
  if (type === "counter") {
    const perSecond = contains === "data" ? bytesText(rate) : figureText(rate, "default");
    return [figure(count).padEnd(8), `${perSecond}/s`];
  }
  if (type === "gauge") return [figure(value).padEnd(8), `min=${figure(min)}`, `max=${figure(max)}`];
  if (type === "rate") return [percentText(rate).padEnd(8), `${passes} out of ${passes + fails}`];
  return Object.entries(values).map(([stat, number]) => {
    const text = stat === "count" ? String(number) : figure(number);
    return `${stat}=${text.padEnd(8)}`;
  });
}
