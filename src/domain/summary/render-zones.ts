/** The part of the summary that sets the zones of a run beside each other: a line for each, nothing where there is one. */
import type { SummaryDocument } from "./document.ts";
import { durationText, percentText } from "./figures.ts";
import { type Page, type Row, table } from "./text-layout.ts";
import type { ZoneSummary } from "./zone-figures.ts";

const INDENT = "    ";

export function renderZones({ zones = {} }: SummaryDocument, page: Page): string[] {
  const named = Object.entries(zones);
  if (named.length === 0) return [];
  const hasRequests = named.some(([, { requests }]) => requests > 0);
  const row = hasRequests ? requestRow : iterationRow;
  const head: Row = hasRequests
    ? ["zone", "iterations", "requests", "failed", "request p(95)"]
    : ["zone", "iterations", "iteration p(95)"];
  const rows = named.map(([name, zone]): Row => [name, ...row(zone)]);
  return [...table(head, rows, INDENT, page), ""];
}

/** Where nothing was measured, there is no figure. */
const NONE = "–";

const requestRow = ({ failed, iterations, p95Ms, requests }: ZoneSummary): readonly string[] => [
  String(iterations),
  String(requests),
  failed === undefined ? NONE : percentText(failed),
  p95Ms === undefined ? NONE : durationText(p95Ms),
];

const iterationRow = ({ iterations, p95Ms }: ZoneSummary): readonly string[] => [
  String(iterations),
  p95Ms === undefined ? NONE : durationText(p95Ms),
];
