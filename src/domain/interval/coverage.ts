/**
 * Which (source, number) a log has, per source. This is where duplication ends: nothing is merged whose number is
 * covered already. Relies on ranges; knows nothing of what the intervals contain.
 */
import {
  countOf,
  inRanges,
  type Range,
  type Ranges,
  relationOf,
  type SourceRanges,
  withRange,
} from "./ranges.ts";

export type Added = "added" | "duplicate" | "overlap";

export class Coverage {
  readonly #ranges = new Map<string, Ranges>();

  constructor(through: readonly SourceRanges[] = []) {
    for (const { ranges, source } of through) this.#ranges.set(source, ranges);
  }

  /** Adds the numbers of `range`. A partial overlap adds nothing: it is a contradiction for the caller to report. */
  add(source: string, range: Range): Added {
    const ranges = this.#ranges.get(source) ?? [];
    const relation = relationOf(ranges, range);
    if (relation === "inside") return "duplicate";
    if (relation === "overlap") return "overlap";
    this.#ranges.set(source, withRange(ranges, range));
    return "added";
  }

  /** Adds what is not covered yet of `range`: for reading one's own log back, where overlap is expected. */
  cover(source: string, range: Range): void {
    this.#ranges.set(source, withRange(this.#ranges.get(source) ?? [], range));
  }

  covers(source: string, number: number): boolean {
    return inRanges(this.#ranges.get(source) ?? [], number);
  }

  /** The numbers of a source that are covered. */
  rangesOf(source: string): Ranges {
    return this.#ranges.get(source) ?? [];
  }

  /** How many numbers of a source are covered. */
  count(source: string): number {
    return countOf(this.#ranges.get(source) ?? []);
  }

  /** Whether exactly the numbers from 0 to `count - 1` are covered, or more. */
  coversFirst(source: string, count: number): boolean {
    if (count === 0) return true;
    const first = this.#ranges.get(source)?.[0];
    return first !== undefined && first[0] === 0 && first[1] >= count - 1;
  }

  /** All of it, sorted by source: an interval's `through` or `adds`. */
  get through(): SourceRanges[] {
    return [...this.#ranges]
      .map(([source, ranges]) => ({ source, ranges }))
      .toSorted((a, b) => (a.source < b.source ? -1 : 1));
  }

  get isEmpty(): boolean {
    return this.#ranges.size === 0;
  }
}
