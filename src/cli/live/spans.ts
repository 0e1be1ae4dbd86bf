/**
 * Lines of text whose parts have a tone, so that widths are counted before colours are put on. Every character is one
 * column wide: names of other people are reduced to such before they come here.
 */
import { styleText } from "node:util";
import { printableLine } from "../../domain/printable.ts";

export type Tone = "plain" | "dim" | "good" | "warn" | "bad" | "strong";
export type Span = readonly [text: string, tone?: Tone | undefined];
export type Line = readonly Span[];

/** A line, and how much it matters: 1 is shown on any terminal. */
export interface Ranked {
  readonly line: Line;
  readonly rank: number;
}

const STYLES = { dim: "dim", good: "green", warn: "yellow", bad: "red", strong: "bold" } as const;

export const widthOf = (line: Line): number => line.reduce((width, [text]) => width + text.length, 0);

/** The line, cut where it is wider than `width`. */
export function fit(line: Line, width: number, ellipsis: string): Line {
  if (widthOf(line) <= width) return line;
  const kept: Span[] = [];
  let left = width - ellipsis.length;
  for (const [text, tone] of line) {
    if (left > 0) kept.push([text.slice(0, left), tone]);
    left -= text.length;
  }
  return [...kept, [ellipsis.slice(0, Math.max(0, width)), "dim"]];
}

/** The line with colours, or without. */
export function paint(line: Line, colour: boolean): string {
  const parts = line.map(([text, tone = "plain"]) =>
    tone === "plain" || !colour ? text : styleText(STYLES[tone], text, { validateStream: false }),
  );
  return colour ? parts.join("") : parts.join("").trimEnd();
}

/** Left and right as far apart as `width` allows. */
export function apart(left: Line, right: Line, width: number): Line {
  const gap = Math.max(1, width - widthOf(left) - widthOf(right));
  return [...left, [" ".repeat(gap)], ...right];
}

/** Text with nothing in it that moves a cursor or is wider than a column. */
export const narrow = (text: string): string =>
  printableLine(text).replaceAll(/[^\u0020-\u007e\u00a0-\u02ff]/gu, "?");
