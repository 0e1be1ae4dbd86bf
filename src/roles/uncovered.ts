/**
 * Intervals of one log that the parent's log does not cover yet. That the server stored them releases nothing; only the
 * parent's own word does. What stays uncovered is due again, less and less often while a cut lasts, and at once when the
 * parent is a new one.
 */
import type { Through } from "../../streams/messages/live.ts";

/** An interval that is not covered is due again after this long, then after twice as long, and so on. */
export const RESEND_AFTER_MS = 3000;

/** However long a cut lasts: late data are waited for only so long. */
const RESEND_WITHIN_MS = 60_000;

export interface Kept {
  readonly number: number;
  readonly frame: Uint8Array;
  /** Times it was stored at the server. */
  copies: number;
  /** When the last time was, ms on the node's monotonic clock; undefined while it is being sent. */
  storedMs: number | undefined;
}

export class Uncovered {
  readonly #source: string;
  readonly #kept = new Map<number, Kept>();
  #parent: number | undefined;
  #hasNewParent = false;
  /** Size of what is kept. */
  bytes = 0;

  /** `source` is the log's, `<node>.<incarnation>`. */
  constructor(source: string) {
    this.#source = source;
  }

  /** Takes an interval of the log, once. */
  add(number: number, frame: Uint8Array): Kept {
    const known = this.#kept.get(number);
    if (known !== undefined) return known;
    const kept: Kept = { number, frame, copies: 0, storedMs: undefined };
    this.#kept.set(number, kept);
    this.bytes += frame.byteLength;
    return kept;
  }

  has(number: number): boolean {
    return this.#kept.has(number);
  }

  /** The oldest; undefined when everything is covered. */
  get first(): Kept | undefined {
    return this.#kept.values().next().value;
  }

  stored(kept: Kept, nowMs: number): void {
    kept.copies += 1;
    kept.storedMs = nowMs;
  }

  /** Lets go of what the parent's log covers; words about another source are not for this log. */
  cover({ incarnation, ranges, source }: Pick<Through, "incarnation" | "ranges" | "source">): void {
    if (source !== this.#source) return;
    for (const [from, to] of ranges) {
      for (const { number } of this.#kept.values()) {
        if (number > to) break;
        if (number >= from) this.release(number);
      }
    }
    this.#hasNewParent ||= this.#parent !== undefined && this.#parent !== incarnation;
    this.#parent = incarnation;
  }

  release(number: number): void {
    this.bytes -= this.#kept.get(number)?.frame.byteLength ?? 0;
    this.#kept.delete(number);
  }

  /** Takes what is to be sent again now. */
  due(nowMs: number): readonly Kept[] {
    const isAll = this.#hasNewParent;
    this.#hasNewParent = false;
    const due: Kept[] = [];
    for (const kept of this.#kept.values()) {
      if (kept.storedMs === undefined || !(isAll || isOverdue(kept, nowMs))) continue;
      kept.storedMs = undefined;
      due.push(kept);
    }
    return due;
  }
}

const isOverdue = ({ copies, storedMs = 0 }: Kept, nowMs: number): boolean =>
  nowMs - storedMs > Math.min(RESEND_WITHIN_MS, RESEND_AFTER_MS * 2 ** (copies - 1));
