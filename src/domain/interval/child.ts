/**
 * What a merger knows of one direct child: from which window on it takes part, where its regular load ends, whether
 * it has ended, and how many intervals it said it published. One child is one source: a new incarnation is a new one.
 */
import type { Coverage } from "./coverage.ts";

export class Child {
  readonly source: string;
  readonly fromWindow: number;
  #final: { readonly window: number; readonly number: number } | undefined;
  /** Workers under it, by its last word; one before its first. */
  workers = 1;
  #end: { readonly intervals: number | undefined } | undefined;

  constructor(source: string, fromWindow: number) {
    this.source = source;
    this.fromWindow = fromWindow;
  }

  /** Notes the interval that the source marked as its last of regular load. */
  sentFinal(window: number, number: number): void {
    this.#final ??= { window, number };
  }

  /** `intervals` undefined: lost, nobody knows how many there were. The first number that it says stands. */
  ended(intervals: number | undefined): void {
    if (this.#end?.intervals === undefined) this.#end = { intervals };
  }

  get isLost(): boolean {
    return this.#end !== undefined && this.#end.intervals === undefined;
  }

  /** How many intervals it said it published; undefined while it lives, and when it is lost. */
  get intervals(): number | undefined {
    return this.#end?.intervals;
  }

  /** Whether it has load in a window as far as is known. */
  #takesPart(window: number): boolean {
    return window >= this.fromWindow && (this.#final === undefined || window <= this.#final.window);
  }

  /** Whether time alone opens that window for it: it lives and has load there. */
  isLive(window: number): boolean {
    return this.#end === undefined && this.#takesPart(window);
  }

  /** Whether a window should wait for it: it lives, or intervals of it are still on their way. */
  isExpected(window: number, received: Coverage): boolean {
    if (this.isLost || !this.#takesPart(window)) return false;
    return this.intervals === undefined || !received.coversFirst(this.source, this.intervals);
  }

  /** Whether all its regular load is inside `closed`. */
  isLoadCovered(closed: Coverage): boolean {
    const isFinalIn = this.#final !== undefined && closed.coversFirst(this.source, this.#final.number + 1);
    return isFinalIn || this.isCovered(closed);
  }

  /** Whether it has ended and `closed` has all it published. */
  isCovered(closed: Coverage): boolean {
    if (this.isLost) return true;
    return this.intervals !== undefined && closed.coversFirst(this.source, this.intervals);
  }
}
