/**
 * What the heads of root's intervals say about the run: how many windows there were and how complete, how healthy the
 * generators were, and where the log contradicts itself (a gap in its numbers, the same child interval added twice).
 */
import type { ByteReader } from "../metric/byte-reader.ts";
import { Coverage } from "../interval/coverage.ts";
import { type FrameHead, readCoverage } from "../interval/head.ts";
import { type HealthSample, maximaOf } from "../interval/health.ts";

export interface WindowCounts {
  readonly total: number;
  readonly complete: number;
  readonly partial: number;
}

export class LogReport {
  readonly mismatches: string[] = [];
  readonly #numbers: Coverage = new Coverage();
  readonly #added: Coverage = new Coverage();
  readonly #partial = new Map<number, number>();
  readonly #windows = new Coverage();
  readonly #health = new Map<string, HealthSample>();
  /** The last window of which anybody had anything. */
  #lastPresent = -1;

  /** Takes a head; false when that interval was taken already. */
  add(head: FrameHead, coverage: ByteReader): boolean {
    if (this.#numbers.add(head.source, [head.number, head.number]) === "duplicate") return false;
    this.#windows.cover("", [head.window, head.window]);
    this.#attend(head);
    for (const sample of head.health) this.#feel(sample);
    for (const { ranges, source } of readCoverage(coverage).adds) {
      for (const range of ranges) {
        const added = this.#added.add(source, range);
        if (added !== "added")
          this.mismatches.push(`Intervals ${range.join("-")} of ${source} were added twice`);
      }
    }
    return true;
  }

  /**
   * A window is complete once one of its intervals had everybody who was ever expected in it. Only partial ones are
   * remembered, with the most that were expected: a later interval that knows of fewer does not complete them.
   */
  #attend({ expected, present, window }: FrameHead): void {
    const most = Math.max(expected, this.#partial.get(window) ?? 0);
    if (present > 0) this.#lastPresent = Math.max(this.#lastPresent, window);
    if (present >= most) this.#partial.delete(window);
    else this.#partial.set(window, most);
  }

  #feel(sample: HealthSample): void {
    const known = this.#health.get(sample.agent);
    this.#health.set(sample.agent, known === undefined ? sample : maximaOf(known, sample));
  }

  /** How many intervals of a direct child are inside the log. */
  added(source: string): number {
    return this.#added.count(source);
  }

  /**
   * Windows behind the last one of which anybody had anything are not counted: they were closed while somebody was
   * waited for whose load was over already.
   */
  get windows(): WindowCounts {
    const isIn = (window: number) => window <= this.#lastPresent;
    const total = this.#windows
      .rangesOf("")
      .reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, this.#lastPresent) - from + 1), 0);
    const partial = [...this.#partial.keys()].filter(isIn).length;
    return { total, complete: total - partial, partial };
  }

  /** Maxima of the run by agent, sorted; in a large mesh only of agents that were among the worst in a window. */
  get health(): Record<string, HealthSample> {
    return Object.fromEntries([...this.#health].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Sources whose numbers have gaps, from 0 on: intervals of the log that are missing. */
  get gaps(): readonly string[] {
    return this.#numbers.through.filter(({ ranges }) => ranges.length > 1).map(({ source }) => source);
  }
}
