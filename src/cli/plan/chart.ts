/**
 * Load over time as text: an area for the whole, one row for each of its parts, and the time below. Block characters, or
 * ASCII where the terminal has none; no colour is needed to read it. Pure.
 */
import type { Curve } from "../../domain/forecast/curve.ts";
import { durationText } from "../../domain/plan/duration.ts";
import { cut } from "../../domain/summary/text-layout.ts";

interface ChartRow {
  readonly name: string;
  /** As many values as the chart has columns. */
  readonly curve: Curve;
  /** What the highest value is, in words. */
  readonly peak: string;
  /** Lines of text: more of them show finer differences. */
  readonly height: number;
}

/** How wide the names and the words for the peaks are, beside `columns` of curve. */
interface Frame {
  readonly names: number;
  readonly columns: number;
}

const INDENT = "    ";
const NAME_MAX = 20;
const COLUMNS_MIN = 12;
const BLOCKS = " ▁▂▃▄▅▆▇█";
const ASCII = " .:|";
/** Steps of time that people count in, in s: parts of a second, seconds and minutes, hours and days. */
const BELOW_MINUTE_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const BELOW_HOUR_S = [60, 120, 300, 600, 900, 1800];
const HOURS_S = [3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600];
const STEPS_S = [...BELOW_MINUTE_S, ...BELOW_HOUR_S, ...HOURS_S];
const NEXT_TO_NOTHING = 0.001;
const TICK_GAP = 12;

/** Columns that are left for the curves on a page of `width`. */
export function frameOf(rows: readonly Pick<ChartRow, "name" | "peak">[], width: number): Frame {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const names = Math.min(NAME_MAX, widest(rows.map(({ name }) => name)));
  const columns = width - INDENT.length - names - widest(rows.map(({ peak }) => peak)) - 4;
  return { names, columns: Math.max(COLUMNS_MIN, columns) };
}

/** The rows, each against its own peak, above one axis of time. */
export function chart(rows: readonly ChartRow[], frame: Frame, wholeMs: number, utf8: boolean): string[] {
  const drawn = rows.flatMap((row) => area(row, frame, utf8));
  return [...drawn, axis(frame, wholeMs)];
}

function area({ curve, height, name, peak }: ChartRow, frame: Frame, utf8: boolean): string[] {
  const levels = utf8 ? BLOCKS : ASCII;
  const most = Math.max(0, ...curve.map((value) => value ?? 0));
  const full = levels.length - 1;
  // What is above nothing shows, unless it is next to nothing: between two arrivals that are far apart.
  const filled = curve.map((value = 0) =>
    value <= most * NEXT_TO_NOTHING ? 0 : Math.max(1, Math.round((value / most) * height * full)),
  );
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * full;
    const cells = filled.map((level) => levels[Math.max(0, Math.min(full, level - below))]).join("");
    const label = line === height - 1 ? cut(name, frame.names) : "";
    const words = line === 0 ? `  ${peak}` : "";
    return `${INDENT}${label.padEnd(frame.names)}  ${cells}${words}`.trimEnd();
  });
}

/** `0s      30s      1m`, each above nothing but its own instant. */
function axis({ columns, names }: Frame, wholeMs: number): string {
  const least = (wholeMs * TICK_GAP) / columns / 1000;
  const stepMs = (STEPS_S.find((step) => step >= least) ?? least) * 1000;
  let text = "";
  for (let ms = 0; ms <= wholeMs; ms += stepMs) {
    const column = Math.round((ms / wholeMs) * columns);
    const label = durationText(ms);
    if (column + label.length > columns + 1 && ms > 0) break;
    text = `${text.padEnd(column)}${label}`;
  }
  const end = durationText(wholeMs);
  const from = columns - end.length;
  if (text.length < from - 1 && !text.endsWith(end)) text = `${text.padEnd(from)}${end}`;
  return `${INDENT}${" ".repeat(names)}  ${text}`;
}
