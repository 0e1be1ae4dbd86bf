/**
 * Cuts root's interval log into blocks of fixed intervals, which land by one insert per table each. The cut is by the
 * interval's number alone, so whoever lands a run again makes the same inserts with the same tokens. Pure.
 */
import { readFrameHead } from "../interval/head.ts";
import { ByteReader } from "../metric/byte-reader.ts";
import { type MeasuredRows, type MeasuredTable, ROWS_VERSION } from "./rows.ts";
import { type RunClock, rowsOf, type SeriesNames } from "./series-rows.ts";
import { TotalsOfRows } from "./totals.ts";

export const INTERVALS_PER_BLOCK = 60;

export const blockOf = (interval: number): number => Math.floor(interval / INTERVALS_PER_BLOCK);

/** All rows of intervals `first` to `last`. */
export interface Block {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly rows: MeasuredRows;
}

/** One insert is told from its repetition by this. Two attempts are two different writes. */
export const insertToken = (
  run: string,
  table: MeasuredTable,
  { first, last }: Pick<Block, "first" | "last">,
  attempt: number,
): string => `${run}/${table}/${first}-${last}/${ROWS_VERSION}/${attempt}`;

/** The run's own row says another thing with each revision of its report. */
export const runToken = (run: string, revision: number, attempt: number): string =>
  `${run}/runs/${revision}/${ROWS_VERSION}/${attempt}`;

export class BlockCutter {
  readonly #totals = new TotalsOfRows();
  readonly #clock: RunClock;
  readonly #names: SeriesNames;
  readonly #length: number;
  #open: MeasuredRows[] = [];
  #next = 0;

  /** `length`: how many intervals the report reads; later ones belong to a later revision. */
  constructor(clock: RunClock, names: SeriesNames, length: number) {
    this.#clock = clock;
    this.#names = names;
    this.#length = length;
  }

  /** Counts and sums of everything so far. */
  get totals(): TotalsOfRows["totals"] {
    return this.#totals.totals;
  }

  /** Whether everything is there: a log that was cut off is not landed as if it were whole. */
  get isWhole(): boolean {
    return this.#next >= this.#length;
  }

  /** Takes the next interval; the block that is complete with it. Throws `MalformedFrame`. */
  add(frame: Uint8Array): Block | undefined {
    const { number } = readFrameHead(new ByteReader(frame));
    if (number !== this.#next || number >= this.#length) return undefined;
    const rows = rowsOf(frame, this.#clock, this.#names);
    this.#totals.add(rows);
    this.#open.push(rows);
    this.#next += 1;
    const isFull = this.#next % INTERVALS_PER_BLOCK === 0 || this.#next === this.#length;
    return isFull ? this.#close() : undefined;
  }

  #close(): Block {
    const last = this.#next - 1;
    const open = this.#open;
    const rows = {
      trends: open.flatMap(({ trends }) => trends),
      counters: open.flatMap(({ counters }) => counters),
      gauges: open.flatMap(({ gauges }) => gauges),
      rates: open.flatMap(({ rates }) => rates),
    };
    const first = this.#next - open.length;
    this.#open = [];
    return { number: blockOf(first), first, last, rows };
  }
}
