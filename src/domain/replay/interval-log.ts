/**
 * Folds root's interval log again, as far as the summary read it, and checks that its numbers have no gap and come in
 * order. Intervals have no hash chain: one that was edited shows in the summary.
 */
import { readFrameHead } from "../interval/head.ts";
import { ByteReader, MalformedFrame } from "../metric/byte-reader.ts";
import type { RunMetrics } from "../summary/run-metrics.ts";
import { atEntry, type Difference, type Entry } from "./difference.ts";

export class IntervalLogReplay {
  readonly differences: Difference[] = [];
  readonly metrics: RunMetrics;
  readonly #until: number | undefined;
  /** Per source the number that comes next. */
  readonly #next = new Map<string, number>();
  #count = 0;

  /** `until` is how many intervals the recorded summary read; undefined for all there are. */
  constructor(metrics: RunMetrics, until: number | undefined) {
    this.metrics = metrics;
    this.#until = until;
  }

  /** Takes the next interval. */
  add(entry: Entry): void {
    this.#count += 1;
    try {
      this.#take(entry);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.differences.push(atEntry("interval log", entry, `it cannot be read: ${error.message}`));
    }
  }

  #take(entry: Entry): void {
    const { source, number } = readFrameHead(new ByteReader(entry.data));
    const wanted = this.#next.get(source) ?? 0;
    if (number !== wanted) this.differences.push(atEntry("interval log", entry, orderFault(number, wanted)));
    this.#next.set(source, Math.max(wanted, number + 1));
    if (this.#until === undefined || number < this.#until) this.metrics.add(entry.data);
  }

  get count(): number {
    return this.#count;
  }

  /** The end of the log that is missing, once everything was taken. */
  get missingAtEnd(): readonly Difference[] {
    const have = Math.max(0, ...this.#next.values());
    if (this.#until === undefined || have >= this.#until) return [];
    const message = `interval log: the summary read ${this.#until} intervals, the log ends after ${have}`;
    return [{ in: "interval log", message }];
  }
}

function orderFault(number: number, wanted: number): string {
  if (number < wanted) return `interval ${number} comes after ${wanted - 1}: it was moved or is there twice`;
  const missing =
    number - 1 === wanted ? `interval ${wanted} is` : `intervals ${wanted} to ${number - 1} are`;
  return `${missing} missing or moved: interval ${number} follows ${wanted === 0 ? "the start" : wanted - 1}`;
}
