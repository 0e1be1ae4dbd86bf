/**
 * What the heads of root's intervals say about the run: how many windows there were and how complete, how healthy the
 * generators were, and where the log contradicts itself (a gap in its numbers, the same child interval added twice).
 */
import type { ByteReader } from "../metric/byte-reader.ts";
import { Coverage } from "../interval/coverage.ts";
import { type FrameHead, readCoverage } from "../interval/head.ts";
import { type HealthSample, maximaOf } from "../interval/health.ts";
import type { Breach, GeneratorWatch } from "./generator-watch.ts";
import { WindowAttendance, type WindowCounts } from "./window-counts.ts";

export class LogReport {
  readonly mismatches: string[] = [];
  readonly #numbers: Coverage = new Coverage();
  readonly #added: Coverage = new Coverage();
  readonly #attendance = new WindowAttendance();
  readonly #health = new Map<string, HealthSample>();

  readonly #watch: GeneratorWatch | undefined;

  /** `watch` judges the generators' health; without one nobody does. */
  constructor(watch?: GeneratorWatch) {
    this.#watch = watch;
  }

  /** Takes a head; false when that interval was taken already. */
  add(head: FrameHead, coverage: ByteReader): boolean {
    if (this.#numbers.add(head.source, [head.number, head.number]) === "duplicate") return false;
    this.#attendance.attend(head);
    for (const sample of head.health) {
      this.#feel(sample);
      this.#watch?.add(head.window, sample);
    }
    for (const { ranges, source } of readCoverage(coverage).adds) {
      for (const range of ranges) {
        const added = this.#added.add(source, range);
        if (added !== "added")
          this.mismatches.push(`Intervals ${range.join("-")} of ${source} were added twice`);
      }
    }
    return true;
  }

  #feel(sample: HealthSample): void {
    const known = this.#health.get(sample.agent);
    this.#health.set(sample.agent, maximaOf(known ?? sample, sample));
  }

  /** How many intervals of a direct child are inside the log. */
  added(source: string): number {
    return this.#added.count(source);
  }

  get windows(): WindowCounts {
    return this.#attendance.counts;
  }

  /** Maxima of the run by agent, sorted; in a large mesh only of agents that were among the worst in a window. */
  get health(): Record<string, HealthSample> {
    return Object.fromEntries([...this.#health].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Where generators broke their budgets, given how many arrivals each says it started. */
  breaches(startedBy: (agent: string) => number): readonly Breach[] {
    return this.#watch?.breaches(this.windows.total, startedBy) ?? [];
  }

  /** Sources whose numbers have gaps, from 0 on: intervals of the log that are missing. */
  get gaps(): readonly string[] {
    return this.#numbers.through.filter(({ ranges }) => ranges.length > 1).map(({ source }) => source);
  }
}
