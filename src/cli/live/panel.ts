/**
 * The panel as lines of text: a pure function of a picture and of what the terminal can show. No line is as wide as the
 * terminal (a cursor behind the last column wraps), and rows that do not fit are left out by their rank, never cut off.
 */
import { clockFigure } from "./figures.ts";
import { generatorLine, thresholdLines, zoneLine } from "./panel-rows.ts";
import type { Measure } from "./measures.ts";
import type { Picture } from "./picture.ts";
import { apart, fit, type Line, paint, type Ranked, type Span, widthOf } from "./spans.ts";
import { bar, sparkline } from "./sparkline.ts";

/** What a terminal can show. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  readonly utf8: boolean;
}

const WIDTH_MAX = 100;
const INDENT = 1;
/** From here on there is room for both columns of figures, from there on for a line beside one. */
const TWO_COLUMNS = 56;
const WITH_SPARKLINE = 34;

export function renderPanel(picture: Picture, look: Look): string[] {
  const width = Math.max(1, Math.min(WIDTH_MAX, look.columns - 1) - INDENT);
  const blank: Ranked = { line: [], rank: 6 };
  const detail = detailLine(picture);
  const blocks = [
    [...header(picture, width, look), ...(detail === undefined ? [] : [{ line: detail, rank: 1 }])],
    table(picture, width, look),
    [...zoneLine(picture, width), ...generatorLine(picture, width)],
    thresholdLines(picture, width, look.utf8),
  ].filter((block) => block.length > 0);
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : [blank, ...block]));
  const ellipsis = look.utf8 ? "…" : "~";
  return fitting(lines, look.rows - 1).map((line) => {
    const text =
      line.length === 0 ? "" : `${" ".repeat(INDENT)}${paint(fit(line, width, ellipsis), look.colour)}`;
    return look.utf8 ? text : text.replaceAll("µ", "u").replaceAll("·", "-");
  });
}

/** As many as there is room for, the more important ones first, all in their order. */
function fitting(lines: readonly Ranked[], rows: number): readonly Line[] {
  const places = lines.map((_, place) => place);
  const byRank = places.toSorted((a, b) => (lines[a]?.rank ?? 0) - (lines[b]?.rank ?? 0) || a - b);
  const kept = new Set(byRank.slice(0, Math.max(1, rows)));
  return lines.filter((_, place) => kept.has(place)).map(({ line }) => line);
}

function header(picture: Picture, width: number, { utf8 }: Look): Ranked[] {
  const { phase, progress, run, script } = picture;
  const clock = clockOf(picture);
  const wide: Line = [[phase.word, phase.tone], ["  "], [clock]];
  const right: Line =
    widthOf(wide) <= width ? wide : [[phase.word, phase.tone], [` ${clock.replace(" / ", "/")}`]];
  const names: Span[] = [
    [script, "strong"],
    [`  ${run}`, "dim"],
  ];
  const hasRoom = widthOf(names) + widthOf(right) + 2 <= width;
  const left = hasRoom ? names : widthOf(right) + script.length + 2 <= width ? names.slice(0, 1) : [];
  const percent = `${Math.floor(progress * 100)}%`.padStart(4);
  const [full, empty] = bar(progress, Math.max(0, width - percent.length - 1), utf8);
  return [
    { line: left.length === 0 ? right : apart(left, right, width), rank: 1 },
    {
      line: [
        [full, "good"],
        [empty, "dim"],
        [` ${percent}`, "dim"],
      ],
      rank: 2,
    },
  ];
}

/** `0:14 / 0:30`; after the planned end, while iterations may still end, `0:30 +0:02`. */
function clockOf({ elapsedMs, plannedMs }: Picture): string {
  if (elapsedMs <= plannedMs) return `${clockFigure(elapsedMs)} / ${clockFigure(plannedMs)}`;
  return `${clockFigure(plannedMs)} +${clockFigure(elapsedMs - plannedMs)}`;
}

function detailLine({ phase, quietMs }: Picture): Line | undefined {
  if (quietMs > 0) return [[`no numbers from the mesh for ${Math.floor(quietMs / 1000)}s`, "warn"]];
  return phase.detail === "" ? undefined : [[phase.detail, phase.tone === "warn" ? "warn" : "dim"]];
}

interface Columns {
  readonly label: number;
  readonly recent: number;
  readonly whole: number;
  readonly line: number;
}

function columnsFor(width: number): Columns {
  if (width < WITH_SPARKLINE) return { label: 10, recent: Math.max(0, width - 10), whole: 0, line: 0 };
  if (width < TWO_COLUMNS) return { label: 10, recent: 11, whole: 0, line: Math.min(30, width - 23) };
  return { label: 12, recent: 12, whole: 12, line: Math.min(60, width - 38) };
}

function table({ measures, recentMs }: Picture, width: number, { utf8 }: Look): Ranked[] {
  if (measures.length === 0) return [];
  const columns = columnsFor(width);
  const head = [
    "".padEnd(columns.label),
    `last ${Math.ceil(recentMs / 1000)}s`.padStart(columns.recent),
    columns.whole === 0 ? "" : "whole run".padStart(columns.whole),
    columns.line === 0 ? "" : "  each second",
  ];
  const title: Ranked = { line: [[head.join("").trimEnd(), "dim"]], rank: 4 };
  return [title, ...measures.map((measure) => measureLine(measure, columns, utf8))];
}

function measureLine(measure: Measure, columns: Columns, utf8: boolean): Ranked {
  const { label, rank, recent, ticks, tone, whole } = measure;
  const line: Span[] = [
    [label.padEnd(columns.label), "dim"],
    [recent.padStart(columns.recent), tone],
  ];
  if (columns.whole > 0) line.push([whole.padStart(columns.whole), tone === "bad" ? tone : "plain"]);
  if (columns.line > 0 && ticks.length > 0) {
    line.push(["  "], [sparkline(ticks, Math.min(columns.line, ticks.length), utf8), "dim"]);
  }
  return { line, rank };
}
