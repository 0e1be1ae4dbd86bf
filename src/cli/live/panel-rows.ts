/** The rows under the table: agents by zone, health of the generators, thresholds with a mark. Pure. */
import type { HealthSample } from "../../domain/interval/health.ts";
import { countFigure, memoryFigure, timeFigure } from "./figures.ts";
import type { Picture, ZoneCount } from "./picture.ts";
import { type Line, type Ranked, type Span, type Tone, widthOf } from "./spans.ts";
import type { ThresholdMark } from "./threshold-marks.ts";

const LABEL = 12;
/** Below this width labels and gaps cost more than they tell. */
const NARROW = 56;

/** Below this one they stand alone. */
const TINY = 34;

function labelled(label: string, width: number): Span {
  const columns = width < TINY ? label.length + 1 : width < NARROW ? label.length + 2 : LABEL;
  return [label.padEnd(columns), "dim"];
}

/** Parts with a gap between them, as many as fit; how many are left out stands behind them. */
function partsIn(label: Span, parts: readonly Line[], width: number): Line {
  const line: Span[] = [label];
  let at = label[0].length;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const more = `  +${parts.length - index}`;
    if (index > 0 && at + widthOf(part) + 2 + (isLast ? 0 : more.length) > width)
      return [...line, [more, "dim"]];
    if (index > 0) line.push(["  "]);
    line.push(...part);
    at += widthOf(part) + (index > 0 ? 2 : 0);
  }
  return line;
}

/** Agents that are there, of those that are needed, by zone; zones that lost some come first. */
export function zoneLine({ zones }: Picture, width: number): Ranked[] {
  if (zones.length === 0) return [];
  const ordered = zones.toSorted((a, b) => Number(b.lost > 0) - Number(a.lost > 0));
  const hasLost = zones.some(({ lost }) => lost > 0);
  return [
    {
      line: partsIn(labelled("agents", width), ordered.map(zonePart), width),
      rank: hasLost ? 1 : 4,
    },
  ];
}

function zonePart({ lost, needed, state, there, zone }: ZoneCount): Line {
  const count = state === "waiting" ? `${countFigure(there)} of ${countFigure(needed)}` : countFigure(there);
  const parts: Span[] = [[`${zone} `, "dim"], [count]];
  if (lost > 0) parts.push([`, ${countFigure(lost)} lost`, "bad"]);
  if (state === "finished") parts.push([" done", "dim"]);
  return parts;
}

const MS = 1000;
/** From where on a figure deserves a look, and from where on it spoils what is measured. */
const LIMITS = {
  lagUsMax: [10 * MS, 100 * MS],
  loopDelayUsMax: [50 * MS, 250 * MS],
  cpuPermille: [800, 950],
} as const;

function healthTone(sample: HealthSample, measure: keyof typeof LIMITS): Tone {
  const [warn, bad] = LIMITS[measure];
  if (sample[measure] >= bad) return "bad";
  return sample[measure] >= warn ? "warn" : "plain";
}

/** The worst of any agent in the last seconds. */
export function generatorLine({ generator }: Picture, width: number): Ranked[] {
  if (generator === undefined) return [];
  const part = (name: string, figure: string, tone: Tone): Line => [
    [`${name} `, "dim"],
    [figure, tone],
  ];
  const parts = [
    part("cpu", `${Math.round(generator.cpuPermille / 10)}%`, healthTone(generator, "cpuPermille")),
    part("lag", timeFigure(generator.lagUsMax), healthTone(generator, "lagUsMax")),
    part("loop", timeFigure(generator.loopDelayUsMax), healthTone(generator, "loopDelayUsMax")),
    part("memory", memoryFigure(generator.rssKb), "plain"),
  ];
  const isWell = (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).every(
    (measure) => healthTone(generator, measure) === "plain",
  );
  return [{ line: partsIn(labelled("generator", width), parts, width), rank: isWell ? 5 : 2 }];
}

const MARKS = { pass: ["✓", "+"], fail: ["✗", "!"], "no data": ["·", "-"] } as const;
const MARK_TONES = { pass: "good", fail: "bad", "no data": "dim" } as const;
const NAME_MAX = 40;

/** One line each; where there is no room, those that fail are the last to go. */
export function thresholdLines({ thresholds }: Picture, width: number, utf8: boolean): Ranked[] {
  const widest = (read: (mark: ThresholdMark) => string) =>
    Math.max(0, ...thresholds.map((mark) => read(mark).length));
  const names = Math.min(
    NAME_MAX,
    widest(({ metric }) => metric),
  );
  const expressions = widest(({ threshold }) => threshold);
  const what = thresholds.some(({ isWindowed }) => isWindowed) ? "latest" : "whole run";
  const columns = { width, names, expressions, utf8, what };
  const lines = thresholds.map((mark) => ({
    line: thresholdLine(mark, columns),
    rank: mark.judgement === "fail" ? 1 : 3,
  }));
  return lines.length === 0 ? [] : [...thresholdTitle(columns), ...lines];
}

function thresholdTitle({ expressions, names, what, width }: ThresholdColumns): Ranked[] {
  const before = names + 2 + expressions;
  if (SIGN + before + FIGURE + 1 + DISTANCE + GAP > width) return [];
  const figures = `${what.padStart(FIGURE + 1)}${"of limit".padStart(DISTANCE + GAP)}`;
  return [{ line: [[`${"thresholds".padEnd(SIGN + before)}${figures}`, "dim"]], rank: 5 }];
}

interface ThresholdColumns {
  readonly width: number;
  readonly names: number;
  readonly expressions: number;
  readonly utf8: boolean;
  /** What the figures are of. */
  readonly what: string;
}

const SIGN = 2;
const FIGURE = 9;
const GAP = 2;
const DISTANCE = 8;

function thresholdLine(mark: ThresholdMark, columns: ThresholdColumns): Line {
  const { judgement, observed, ofLimit, threshold } = mark;
  const [sign, ascii] = MARKS[judgement];
  const tone: Tone = mark.isClose ? "warn" : judgement === "fail" ? "bad" : "plain";
  const start: Span = [`${columns.utf8 ? sign : ascii} `, MARK_TONES[judgement]];
  const distance = ofLimit === undefined ? "" : percentOf(ofLimit);
  const whole: Line = [
    start,
    [mark.metric.slice(0, columns.names).padEnd(columns.names + 2)],
    [threshold.padEnd(columns.expressions), "dim"],
    [observed.padStart(FIGURE + 1), tone],
    [distance.padStart(DISTANCE + GAP), tone === "plain" ? "dim" : tone],
  ];
  if (widthOf(whole) <= columns.width) return whole;
  return shortened(start, mark, tone, columns.width);
}

/** A name that is cut to less says nothing. */
const NAME_MIN = 6;

/** The figure and the expression stay; the name gives way, from its front. */
function shortened(
  start: Span,
  { metric, observed, threshold }: ThresholdMark,
  tone: Tone,
  width: number,
): Line {
  const room = Math.max(0, width - start[0].length - observed.length - 1);
  const forName = room - threshold.length - 1;
  const name = forName < NAME_MIN ? "" : `${metric.slice(-forName)} `;
  return [start, [`${name}${threshold}`.slice(0, room).padEnd(room)], [" "], [observed, tone]];
}

const percentOf = (share: number): string =>
  Math.abs(share) >= 10 ? `${countFigure(share)}x` : `${Math.round(share * 100)}%`;
