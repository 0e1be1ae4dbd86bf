/**
 * Which samples a threshold speaks of: a metric, or the part of it with certain tags, `name{tag:value,tag2:value2}`.
 * Spaces and quotes around names and values are dropped, as in k6. A value may contain colons; quote it for commas.
 */
import type { SeriesDefinition, Tags } from "../metric/definition.ts";

export interface MetricSelector {
  readonly metric: string;
  /** Tags that a series must have; none for the whole metric. */
  readonly tags: Tags;
}

export type ParsedSelector =
  | { readonly ok: true; readonly selector: MetricSelector }
  | { readonly ok: false; readonly message: string };

const FORM = /^\s*([^\s{}]+)\s*(?:\{(.*)\}\s*)?$/s;
/** One `tag:value`, where either may be quoted, up to the next comma. */
const PAIR = /\s*("[^"]*"|'[^']*'|[^:,]*?)\s*:\s*("[^"]*"|'[^']*'|[^,]*?)\s*(?:,|$)/y;

/** Reads a selector, or says what is wrong with it and what is allowed. */
export function parseMetricSelector(text: string): ParsedSelector {
  const match = FORM.exec(text);
  if (match === null) return refuse(text, "a metric name, with {tag:value} behind it to choose a part");
  const [, metric, inner] = match as unknown as [string, string, string | undefined];
  if (inner === undefined) return { ok: true, selector: { metric, tags: {} } };
  const tags = parseTags(inner);
  if (tags === undefined)
    return refuse(text, "one or more tag:value pairs between the braces, with commas between");
  return { ok: true, selector: { metric, tags } };
}

function refuse(text: string, expected: string): ParsedSelector {
  return { ok: false, message: `"${text}" is not a metric: expected ${expected}` };
}

function parseTags(text: string): Tags | undefined {
  const tags: [string, string][] = [];
  PAIR.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    const match = PAIR.exec(text);
    if (match === null) return undefined;
    const [name, value] = [unquote(match[1] as string), unquote(match[2] as string)];
    if (name === "") return undefined;
    tags.push([name, value]);
    end = PAIR.lastIndex;
  }
  return tags.length === 0 ? undefined : Object.fromEntries(tags);
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** Whether a series is part of what the selector chooses. */
export function selects(selector: MetricSelector, series: SeriesDefinition): boolean {
  if (series.metric !== selector.metric) return false;
  return Object.entries(selector.tags).every(([name, value]) => series.tags[name] === value);
}

/** The selector in one spelling: tags sorted, no spaces. */
export function selectorText({ metric, tags }: MetricSelector): string {
  const pairs = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (pairs.length === 0) return metric;
  return `${metric}{${pairs.map(([name, value]) => `${name}:${value}`).join(",")}}`;
}
