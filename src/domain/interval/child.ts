/**
 * What a merger knows of one direct child: from which window on it takes part, where its regular load ends, whether
 * it has ended, and how many intervals it said it published. One child is one source: a new incarnation is a new one.
 */
import { Coverage } from "./coverage.ts";
import { relationOf, type SourceRanges } from "./ranges.ts";

interface End {
  readonly intervals: number | undefined;
  /** It waits for something itself, so there may be more. */
  readonly mayGrow: boolean;
}

export class Child {
  readonly source: string;
  readonly fromWindow: number;
  #final: { readonly window: number; readonly number: number } | undefined;
  /** Workers under it, by its last word; one before its first. */
  workers = 1;
  #end: End | undefined;
  /** What of its own children is inside the intervals that were merged. */
  readonly #adds = new Coverage();

  constructor(source: string, fromWindow: number) {
    this.source = source;
    this.fromWindow = fromWindow;
  }

  /** Notes the interval that the source marked as its last of regular load. */
  sentFinal(window: number, number: number): void {
    this.#final ??= { window, number };
  }

  /** `intervals` undefined: lost, nobody knows how many there were. The first final number that it says stands. */
  ended(intervals: number | undefined, mayGrow = false): void {
    if (this.#end?.intervals === undefined || this.#end.mayGrow) this.#end = { intervals, mayGrow };
  }

  /** What of its own children it has added before and adds again, in words: two of its intervals overlap. */
  addedTwice(adds: readonly SourceRanges[]): string | undefined {
    for (const { ranges, source } of adds) {
      const again = ranges.find((range) => relationOf(this.#adds.rangesOf(source), range) !== "outside");
      if (again !== undefined) return `intervals ${again.join(" to ")} of "${source}" were added before`;
    }
    return undefined;
  }

  /** Notes what one of its intervals, which is merged now, adds. */
  takes(adds: readonly SourceRanges[]): void {
    for (const { ranges, source } of adds) for (const range of ranges) this.#adds.add(source, range);
  }

  /** Whether it said that there is no interval of this number. */
  hasNo(number: number): boolean {
    return this.#end?.mayGrow === false && number >= (this.#end.intervals ?? Infinity);
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
