/**
 * Sets of interval numbers as ascending inclusive ranges that neither touch nor overlap. Pure; a set is replaced,
 * never changed in place, so it may be shared.
 */

/** First and last number, both inside. */
export type Range = readonly [from: number, to: number];

export type Ranges = readonly Range[];

/** What a log has of one source. */
export interface SourceRanges {
  readonly source: string;
  readonly ranges: Ranges;
}

/** Whether `number` is in the set. */
export function inRanges(ranges: Ranges, number: number): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

/** How `range` lies to the set: not in it, wholly in it, or in part. */
export function relationOf(ranges: Ranges, [from, to]: Range): "outside" | "inside" | "overlap" {
  const touched = ranges.filter(([first, last]) => first <= to && from <= last);
  if (touched.length === 0) return "outside";
  return touched.some(([first, last]) => first <= from && to <= last) ? "inside" : "overlap";
}

/** The set with `range` in it. The usual case, the next number, costs one comparison. */
export function withRange(ranges: Ranges, range: Range): Ranges {
  const last = ranges.at(-1);
  if (last === undefined) return [range];
  if (range[0] > last[1] + 1) return [...ranges, range];
  if (range[0] === last[1] + 1) return [...ranges.slice(0, -1), [last[0], range[1]]];
  return merged([...ranges, range].toSorted((a, b) => a[0] - b[0]));
}

function merged(sorted: Ranges): Ranges {
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** How many numbers are in the set. */
export function countOf(ranges: Ranges): number {
  return ranges.reduce((count, [from, to]) => count + to - from + 1, 0);
}
