/**
 * How a threshold with a timeframe looks at the seconds of a run: `for` at each second by itself, `within` and `over` at
 * a timeframe that slides on by a second. Each look is a pure function of what the seconds hold by then; late data are
 * looked at anew, in every timeframe that they belong to.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import { ByteWriter } from "../metric/byte-writer.ts";
import { type Cell, mergeCells } from "../metric/cell.ts";
import { crosses, observe } from "./evaluate.ts";
import type { ThresholdExpression } from "./parse.ts";
import { LATE_SECONDS_MAX, type Seconds } from "./seconds.ts";

/** The figure of the seconds `from` to `to`, both inside. */
export interface Look {
  readonly from: number;
  readonly to: number;
  readonly observed: number;
}

export interface Looking {
  /** A second that has changed concerns so many looks: its own and those that end after it. */
  readonly reach: number;
  /** The looks that end in the seconds from `first` to `last`, in the order of time. Without a figure there is none. */
  looks(seconds: Seconds, first: number, last: number): readonly Look[];
  /** The one that ends in a second of which only so much has passed. */
  lookAtPart(seconds: Seconds, second: number, partMs: number): Look | undefined;
  /** Remembers a look where later ones depend on it; what was looked at before may have changed. */
  take(look: Look): void;
  /** The breach that ends with this look. */
  breachAt(look: Look): Look | undefined;
}

export interface LookingOptions {
  readonly expression: ThresholdExpression;
  readonly logic: "for" | "within" | "over";
  /** Of the timeframe, in seconds. */
  readonly length: number;
  /** Of a second: 1000, or a little more where windows do not add up to it. */
  readonly secondMs: number;
  /** The first second that a breach may end with. */
  readonly delay: number;
}

export const lookingOf = (options: LookingOptions): Looking =>
  options.logic === "for" ? new Row(options) : new Slide(options);

/** A condition that is false in so many seconds in a row. One without a figure neither ends the row nor prolongs it. */
class Row implements Looking {
  readonly reach = 1;
  readonly #options: LookingOptions;
  readonly #seen = new Map<number, Look>();
  #newest = -1;
  #oldest = 0;

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  looks(seconds: Seconds, first: number, last: number): readonly Look[] {
    const looks: Look[] = [];
    for (let second = first; second <= last; second += 1) {
      const look = this.lookAtPart(seconds, second, this.#options.secondMs);
      if (look !== undefined) looks.push(look);
    }
    return looks;
  }

  lookAtPart(seconds: Seconds, second: number, partMs: number): Look | undefined {
    const cell = seconds.emptyCell();
    if (cell === undefined || !seconds.isKnown(cell, second)) return undefined;
    seconds.mergeInto(cell, second);
    const observed = observe(this.#options.expression.method, cell, partMs);
    return observed === undefined ? undefined : { from: second, to: second, observed };
  }

  take(look: Look): void {
    this.#seen.set(look.to, look);
    this.#newest = Math.max(this.#newest, look.to);
    const forgotten = this.#newest - LATE_SECONDS_MAX - this.#options.length;
    for (; this.#oldest <= forgotten; this.#oldest += 1) this.#seen.delete(this.#oldest);
  }

  /** Late data may have completed a row that goes on behind them. */
  breachAt(look: Look): Look | undefined {
    for (let second = look.to; second <= Math.max(look.to, this.#newest); second += 1) {
      const end = second === look.to ? look : this.#seen.get(second);
      if (end === undefined) continue;
      if (!crosses(this.#options.expression, end.observed)) return undefined;
      const from = second < this.#options.delay ? undefined : this.#rowEndingWith(end);
      if (from !== undefined) return { from, to: end.to, observed: end.observed };
    }
    return undefined;
  }

  /** Where the row begins that is long enough with this second. */
  #rowEndingWith(end: Look): number | undefined {
    const { expression, length } = this.#options;
    for (let second = end.to, bad = 0; second >= this.#oldest; second -= 1) {
      const look = second === end.to ? end : this.#seen.get(second);
      if (look === undefined) continue;
      if (!crosses(expression, look.observed)) return undefined;
      bad += 1;
      if (bad === length) return second;
    }
    return undefined;
  }
}

/** A condition on the last so many seconds; `within` also on fewer, while no more have passed. */
class Slide implements Looking {
  readonly #options: LookingOptions;
  readonly #writer = new ByteWriter();

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  get reach(): number {
    return this.#options.length;
  }

  looks(seconds: Seconds, first: number, last: number): readonly Look[] {
    const looks: Look[] = [];
    const { length } = this.#options;
    for (let start = first; start <= last; start += length) {
      looks.push(...this.#looksTogether(seconds, start, Math.min(last, start + length - 1)));
    }
    return looks;
  }

  /**
   * Looks that all contain the second `first`: what is before it is merged once, backwards, and what is behind it once,
   * forwards, so that each look costs two merges however long its timeframe is.
   */
  #looksTogether(seconds: Seconds, first: number, last: number): readonly Look[] {
    const after = seconds.emptyCell();
    if (after === undefined) return [];
    const before = this.#before(seconds, first, last);
    const looks: Look[] = [];
    for (let end = first; end <= last; end += 1) {
      seconds.mergeInto(after, end);
      const cell = seconds.emptyCell() as Cell;
      const earlier = before.get(this.#startOf(end));
      if (earlier !== undefined) cell.fold(new ByteReader(earlier));
      mergeCells(cell, after);
      const look = this.#lookAt(seconds, cell, end, this.#options.secondMs);
      if (look !== undefined) looks.push(look);
    }
    return looks;
  }

  /** By each second where a look begins, all from there to just before `first`. */
  #before(seconds: Seconds, first: number, last: number): ReadonlyMap<number, Uint8Array> {
    const before = new Map<number, Uint8Array>();
    const cell = seconds.emptyCell();
    if (cell === undefined) return before;
    const [oldest, newest] = [this.#startOf(first), this.#startOf(last)];
    for (let second = first - 1; second >= oldest; second -= 1) {
      seconds.mergeInto(cell, second);
      if (second > newest) continue;
      this.#writer.clear();
      cell.encode(this.#writer);
      before.set(second, this.#writer.finish());
    }
    return before;
  }

  lookAtPart(seconds: Seconds, second: number, partMs: number): Look | undefined {
    const cell = seconds.emptyCell();
    if (cell === undefined) return undefined;
    for (let each = this.#startOf(second); each <= second; each += 1) seconds.mergeInto(cell, each);
    return this.#lookAt(seconds, cell, second, partMs);
  }

  #lookAt(seconds: Seconds, cell: Cell, end: number, lastMs: number): Look | undefined {
    const { expression, length, logic, secondMs } = this.#options;
    const from = this.#startOf(end);
    if (!seconds.isKnown(cell, end) || (logic === "over" && end < length - 1)) return undefined;
    const observed = observe(expression.method, cell, (end - from) * secondMs + lastMs);
    return observed === undefined ? undefined : { from, to: end, observed };
  }

  #startOf(end: number): number {
    return Math.max(0, end - this.#options.length + 1);
  }

  take(): void {
    // Each look stands for itself.
  }

  breachAt(look: Look): Look | undefined {
    const { delay, expression } = this.#options;
    return look.to >= delay && crosses(expression, look.observed) ? look : undefined;
  }
}
