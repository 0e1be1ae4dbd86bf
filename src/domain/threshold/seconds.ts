/**
 * What a metric or sub-metric measured in each second of a run, for the thresholds that look at timeframes. A second is
 * kept as its cell is written on the wire, some hundred bytes for a trend, and only so long as a threshold may still look
 * at it. Relies on the cells' exact merge: a timeframe merged from its seconds is what one cell would have held.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import { ByteWriter } from "../metric/byte-writer.ts";
import { type Cell, makeCell } from "../metric/cell.ts";
import type { Kind } from "../metric/definition.ts";

/** Data that come so much later than the newest are in the totals only: a link that heals after five minutes. */
export const LATE_SECONDS_MAX = 300;

export class Seconds {
  #kept = 0;
  readonly #bodies = new Map<number, Uint8Array>();
  readonly #writer = new ByteWriter();
  #cell: Cell | undefined;
  #isTouched = false;
  #newest = -1;
  #oldest = 0;
  /** From this second on a counter counts, even if it counts nothing. */
  #countsFrom = Infinity;

  /** Keeps the seconds of a timeframe that long which ended as long ago as data may be late. */
  keep(timeframe: number): void {
    this.#kept = Math.max(this.#kept, timeframe + LATE_SECONDS_MAX);
  }

  /** Folds a series of the present interval in; one of another kind makes the run invalid elsewhere. */
  fold(kind: Kind, body: ByteReader): void {
    const cell = this.#touch(kind);
    if (cell.kind === kind) cell.fold(body);
  }

  /** The same for a level that is made here, not sent. */
  level(value: number, window: number): void {
    const cell = this.#touch("gauge");
    if (cell.kind === "gauge") cell.record(value, window, "");
  }

  #touch(kind: Kind): Cell {
    this.#cell ??= makeCell(kind);
    this.#isTouched = true;
    return this.#cell;
  }

  /**
   * Puts what was folded since the last time into a second. The last second whose own figure that changes: beside this one
   * those behind it in which a counter counted nothing, where it is known only now that it counts. Undefined when nothing
   * was folded, or the second is not kept any more.
   */
  put(second: number): number | undefined {
    const cell = this.#cell;
    if (cell === undefined || !this.#isTouched) return undefined;
    const changed = second < this.#oldest ? undefined : this.#take(cell, second);
    this.#isTouched = false;
    cell.reset();
    return changed;
  }

  #take(cell: Cell, second: number): number {
    this.mergeInto(cell, second);
    this.#writer.clear();
    cell.encode(this.#writer);
    this.#bodies.set(second, this.#writer.finish());
    this.#newest = Math.max(this.#newest, second);
    for (; this.#oldest <= this.#newest - this.#kept; this.#oldest += 1) this.#bodies.delete(this.#oldest);
    const before = this.#countsFrom;
    if (cell.kind !== "counter" || cell.sum.number === 0 || before <= second) return second;
    this.#countsFrom = second;
    return before - 1;
  }

  /** Adds what a second holds to a cell of this kind. */
  mergeInto(cell: Cell, second: number): void {
    const body = this.#bodies.get(second);
    if (body !== undefined) cell.fold(new ByteReader(body));
  }

  /** An empty cell to merge seconds into; undefined before the first sample. */
  emptyCell(): Cell | undefined {
    return this.#cell && makeCell(this.#cell.kind);
  }

  /** Whether a figure of the time up to this second can be told: a counter tells 0 once it has counted. */
  isKnown(cell: Cell, second: number): boolean {
    return cell.kind !== "counter" || second >= this.#countsFrom;
  }
}
