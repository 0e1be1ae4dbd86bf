/**
 * What a trend got since a moment: a mark is a copy of its counts, and the difference of two counts per bucket is exact.
 * So a live view has quantiles of the last seconds from the one fold of the log, without a second fold.
 */
import { highestOf } from "./layout.ts";
import { type Page, PAGE_SIZE } from "./histogram.ts";
import { rankOf } from "./rank.ts";
import type { Trend } from "./trend.ts";

export interface TrendMark {
  readonly count: number;
  readonly pages: readonly (Page | undefined)[];
}

/** The mark of a trend that has nothing yet. */
export const emptyMark: TrendMark = { count: 0, pages: [] };

export function markOf(trend: Trend): TrendMark {
  return { count: trend.count, pages: trend.histogram.pages.map((page) => page?.slice()) };
}

/** Quantiles (ascending percents) of the samples since the mark, as wire numbers; none without samples. */
export function quantilesSince(trend: Trend, mark: TrendMark, percents: readonly number[]): number[] {
  const count = trend.count - mark.count;
  if (count <= 0) return [];
  const ranks = percents.map((percent) => rankOf(percent, count));
  const found: number[] = [];
  let seen = 0;
  for (const [number, page] of trend.histogram.pages.entries()) {
    if (page === undefined) continue;
    const before = mark.pages[number];
    for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
      seen += (page[offset] as number) - (before?.[offset] ?? 0);
      while (found.length < ranks.length && seen >= (ranks[found.length] as number)) {
        found.push(Math.min(highestOf(number * PAGE_SIZE + offset), trend.max));
      }
    }
    if (found.length === ranks.length) break;
  }
  return found;
}
