/**
 * Folds root's interval log again, stops where each report had read it, and checks that its numbers have no gap and come
 * in order. Intervals have no hash chain: one that was edited shows in the summary.
 */
import type { Evidence } from "../../../streams/schema/cause.ts";
import { readFrameHead } from "../interval/head.ts";
import { ByteReader, MalformedFrame } from "../metric/byte-reader.ts";
import type { RunMetrics } from "../summary/run-metrics.ts";
import type { AbortWatch } from "../threshold/abort-watch.ts";
import { atEntry, type Difference, type Entry } from "./difference.ts";

/** A report that is made again: of how many intervals (undefined: all there are), and by what. */
export interface ReadReport {
  readonly intervals: number | undefined;
  readonly make: (metrics: RunMetrics) => void;
}

export class IntervalLogReplay {
  readonly differences: Difference[] = [];
  readonly #metrics: RunMetrics;
  readonly #watch: AbortWatch | undefined;
  /** Reports that were not reached yet. */
  readonly #reports: ReadReport[];
  readonly #lengthMin: number;
  /** Per source the number that comes next. */
  readonly #next = new Map<string, number>();
  #count = 0;

  /** Reports in their order; `watch` judges what root judged while the run went on. */
  constructor(metrics: RunMetrics, reports: readonly ReadReport[], watch: AbortWatch | undefined) {
    this.#metrics = metrics;
    this.#watch = watch;
    this.#reports = [...reports];
    this.#lengthMin = Math.max(0, ...reports.map(({ intervals }) => intervals ?? 0));
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
    const head = readFrameHead(new ByteReader(entry.data));
    const { source, number } = head;
    const wanted = this.#next.get(source) ?? 0;
    if (number !== wanted) this.differences.push(atEntry("interval log", entry, orderFault(number, wanted)));
    this.#next.set(source, Math.max(wanted, number + 1));
    this.#report(number);
    this.#metrics.add(entry.data);
    this.#watch?.judge(this.#metrics, head);
  }

  /** The first breach of a threshold that ends a run, judged anew. */
  get breach(): Evidence | undefined {
    return this.#watch?.breach;
  }

  /** Makes the reports that had read no further than this. */
  #report(before: number): void {
    for (let next = this.#reports[0]; next?.intervals !== undefined && next.intervals <= before;) {
      next.make(this.#metrics);
      this.#reports.shift();
      next = this.#reports[0];
    }
  }

  /** Makes the reports that are left, once everything was taken. */
  end(): void {
    for (const report of this.#reports.splice(0)) report.make(this.#metrics);
  }

  get count(): number {
    return this.#count;
  }

  /** The end of the log that is missing, once everything was taken. */
  get missingAtEnd(): readonly Difference[] {
    const have = Math.max(0, ...this.#next.values());
    if (have >= this.#lengthMin) return [];
    const message = `interval log: the summary read ${this.#lengthMin} intervals, the log ends after ${have}`;
    return [{ in: "interval log", message }];
  }
}

function orderFault(number: number, wanted: number): string {
  if (number < wanted) return `interval ${number} comes after ${wanted - 1}: it was moved or is there twice`;
  const missing =
    number - 1 === wanted ? `interval ${wanted} is` : `intervals ${wanted} to ${number - 1} are`;
  return `${missing} missing or moved: interval ${number} follows ${wanted === 0 ? "the start" : wanted - 1}`;
}
