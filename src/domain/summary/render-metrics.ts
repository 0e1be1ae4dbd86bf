/**
 * The part of the summary that shows metrics, in k6's order and form: thresholds, checks, then custom, HTTP, execution and
 * network metrics, each with its sub-metrics below it. As in k6's compact summary, the parts that make up a request's
 * duration are shown only where a threshold asks for them; the document has all of them.
 */
import { BUILTIN_METRICS } from "../metric/builtin.ts";
import type { CheckSummary, GroupSummary } from "./checks.ts";
import type { SummaryDocument, ThresholdSummary } from "./document.ts";
import { requestErrorsOf } from "./request-errors.ts";
import { bytesText, figureText, percentText } from "./figures.ts";
import type { MetricSummary } from "./metric-values.ts";
import { cut, dotted, marked, type Page, type Row, title } from "./text-layout.ts";
import { observedText } from "./threshold-text.ts";

type Metrics = SummaryDocument["metrics"];

const INDENT = "    ";
const MARKS = { pass: "✓", fail: "✗", "no data": "✗" } as const;

/** Each threshold with a mark, the figure it was judged on, and its limit in the same unit. */
export function renderThresholds({ metrics, thresholds = [] }: SummaryDocument, page: Page): string[] {
  if (thresholds.length === 0) return [];
  const names = [...new Set(thresholds.map(({ metric }) => metric))];
  const blocks = names.flatMap((name) => [
    cut(`${INDENT}${name}`, page.columns),
    ...thresholds
      .filter(({ metric }) => metric === name)
      .flatMap((each) => thresholdLines(each, metrics, page)),
    "",
  ]);
  return [...title("THRESHOLDS", page), ...blocks];
}

/** One line, or two where the page is too narrow for one. */
function thresholdLines(summary: ThresholdSummary, metrics: Metrics, page: Page): string[] {
  const { judgement, threshold } = summary;
  const head = `${INDENT}${MARKS[judgement]} '${threshold}'`;
  const figures = observedText(summary, metrics);
  const whole = `${head} ${figures}`;
  if (whole.length <= page.columns) return [marked(whole, page)];
  return [marked(head, page), cut(`${INDENT}  ${figures}`, page.columns)];
}

/** Totals of all checks, then each check under its group. */
export function renderChecks(
  { durationMs, metrics, root_group: root }: SummaryDocument,
  page: Page,
): string[] {
  const metric = metrics["checks"];
  if (metric === undefined) return [];
  const { fails = 0, passes = 0 } = metric.values;
  const total = passes + fails;
  const perSecond = durationMs > 0 ? (total / durationMs) * 1000 : 0;
  const rows: Row[] = [
    ["checks_total", String(total).padEnd(7), `${figureText(perSecond, "default")}/s`],
    ["checks_succeeded", percentText(passes / total).padEnd(7), `${passes} out of ${total}`],
    ["checks_failed", percentText(fails / total).padEnd(7), `${fails} out of ${total}`],
  ];
  const tree = renderGroup(root, INDENT, page);
  return [...dotted(rows, INDENT, page), ...(tree[0] === "" ? [] : [""]), ...tree, ""];
}

function renderGroup(group: GroupSummary, indent: string, page: Page): string[] {
  const checks = group.checks.flatMap((check) => checkLines(check, indent, page));
  const groups = group.groups.filter(hasChecks).flatMap((inner) => {
    const gap = inner.checks.length > 0 ? [""] : [];
    const head = cut(`${indent}█ ${inner.name}`, page.columns);
    return ["", head, ...gap, ...renderGroup(inner, `${indent}  `, page)];
  });
  return [...checks, ...groups];
}

function hasChecks(group: GroupSummary): boolean {
  return group.checks.length > 0 || group.groups.some(hasChecks);
}

function checkLines({ fails, name, passes }: CheckSummary, indent: string, page: Page): string[] {
  if (fails === 0) return [marked(`${indent}✓ ${name}`, page)];
  const share = percentText(passes / (passes + fails));
  const counts = cut(`${indent}  ↳ ${share} — ✓ ${passes} / ✗ ${fails}`, page.columns);
  return [marked(`${indent}✗ ${name}`, page), counts];
}

/** The blocks in their order; the last test takes what no other took. */
const BLOCKS: readonly (readonly [title: string, takes: (name: string) => boolean])[] = [
  ["CUSTOM", (name) => !BUILTIN_METRICS.has(name)],
  ["HTTP", (name) => name.startsWith("http_")],
  ["EXECUTION", (name) => !/^(http_|data_|checks$)/.test(name)],
  ["NETWORK", (name) => name.startsWith("data_")],
];

/** All metrics but checks, block by block. */
export function renderMetrics(document: SummaryDocument, page: Page): string[] {
  const { metrics, thresholds = [] } = document;
  const asked = new Set(thresholds.flatMap(({ metric }) => [metric, metric.replace(/\{.*$/s, "")]));
  const isShown = (name: string) => asked.has(name) || !isQuiet(name, metrics);
  const left = new Set(Object.keys(metrics).filter((name) => !name.includes("{") && isShown(name)));
  return BLOCKS.flatMap(([block, takes]) => {
    const names = [...left].filter(takes).toSorted();
    for (const name of names) left.delete(name);
    const rows = names.flatMap((name) => [
      ...metricRows(name, metrics, isShown),
      ...(name === "http_req_failed" ? errorRows(document) : []),
    ]);
    return rows.length === 0
      ? []
      : [page.paint("bold", `${INDENT}${block}`), ...dotted(rows, INDENT, page), ""];
  });
}

const ERROR_ROWS_MAX = 6;

/** Why requests failed: under their share. */
function errorRows(document: SummaryDocument): Row[] {
  const errors = requestErrorsOf(document);
  const rows = errors
    .slice(0, ERROR_ROWS_MAX)
    .map(({ code, count, what }): Row => [`  ${what}`, String(count).padEnd(8), `error_code ${code}`]);
  const others = errors.slice(ERROR_ROWS_MAX).reduce((sum, { count }) => sum + count, 0);
  return others === 0 ? rows : [...rows, ["  for other reasons", String(others)]];
}

/** Where a request's duration went. */
const PARTS = /^http_req_(blocked|connecting|tls_handshaking|sending|waiting|receiving)$/;
const EXPECTED = "http_req_duration{expected_response:true}";

/** What tells nothing that another line does not tell: a part, no drops, or a sub-metric that is the whole metric. */
function isQuiet(name: string, metrics: Metrics): boolean {
  if (PARTS.test(name)) return true;
  if (name === "dropped_iterations" || name === "iterations_failed")
    return metrics[name]?.values["count"] === 0;
  if (name !== EXPECTED) return false;
  return JSON.stringify(metrics[name]?.values) === JSON.stringify(metrics["http_req_duration"]?.values);
}

function metricRows(name: string, metrics: Metrics, isShown: (name: string) => boolean): Row[] {
  const parts = Object.keys(metrics).filter((other) => other.startsWith(`${name}{`) && isShown(other));
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
