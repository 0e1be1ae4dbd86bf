/**
 * Counts per bucket of the one layout, in pages allocated on first touch. Counts are doubles: exact to 2^53, more
 * than a run of a year at a million samples a second. The wire form is in histogram-codec.
 */
import { BUCKETS } from "./layout.ts";

/** Counts in a page: 2 KB; a usual latency distribution touches 4 to 12 of the 152. */
export const PAGE_SIZE = 256;
const PAGE_BITS = 8;
const PAGES = BUCKETS / PAGE_SIZE;

export type Page = Float64Array;

export class Histogram {
  readonly pages: (Page | undefined)[] = Array.from({ length: PAGES }, () => undefined);

  /** Adds `count` to a bucket. */
  add(bucket: number, count: number): void {
    const page = this.pages[bucket >>> PAGE_BITS] ?? this.#open(bucket >>> PAGE_BITS);
    const offset = bucket & (PAGE_SIZE - 1);
    page[offset] = (page[offset] as number) + count;
  }

  #open(number: number): Page {
    const page = new Float64Array(PAGE_SIZE);
    this.pages[number] = page;
    return page;
  }

  countAt(bucket: number): number {
    return this.pages[bucket >>> PAGE_BITS]?.[bucket & (PAGE_SIZE - 1)] ?? 0;
  }

  merge(other: Histogram): void {
    for (const [number, page] of other.pages.entries()) {
      if (page === undefined) continue;
      const own = this.pages[number] ?? this.#open(number);
      for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
        own[offset] = (own[offset] as number) + (page[offset] as number);
      }
    }
  }

  /** The bucket in which the `rank`th smallest sample lies (1-based); undefined when there are fewer samples. */
  bucketAtRank(rank: number): number | undefined {
    let seen = 0;
    for (const [number, page] of this.pages.entries()) {
      if (page === undefined) continue;
      for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
        seen += page[offset] as number;
        if (seen >= rank) return number * PAGE_SIZE + offset;
      }
    }
    return undefined;
  }

  /** Empties it; pages stay for the next window. */
  reset(): void {
    for (const page of this.pages) page?.fill(0);
  }
}
