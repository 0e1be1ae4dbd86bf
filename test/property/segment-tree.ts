/** Seeded random trees of shares for the segment and pace laws. A failure prints its seed. */
import type { Share } from "../../src/domain/segment/share.ts";

/** A small deterministic source of numbers (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from `min` to `max`, both included. */
  roll(min: number, max: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return min + (((bits ^ (bits >>> 14)) >>> 0) % (max - min + 1));
  }

  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make);
  }
}

/** Weights of one to `width` children, some 0 but never all. */
export function randomWeights(dice: Dice, width: number): number[] {
  const most = [1, 3, 10, 97][dice.roll(0, 3)]!;
  const weights = dice.list(dice.roll(1, width), () => (dice.roll(0, 7) === 0 ? 0 : dice.roll(1, most)));
  return weights.some((weight) => weight > 0) ? weights : [1];
}

/** All leaves of a random tree up to `depth` levels deep; branches end at different depths. */
export function randomLeaves(dice: Dice, depth: number, share: Share = []): Share[] {
  if (depth === 0 || (share.length > 0 && dice.roll(0, 3) === 0)) return [share];
  const weights = randomWeights(dice, 5);
  return weights.flatMap((_, index) => randomLeaves(dice, depth - 1, [...share, { weights, index }]));
}
