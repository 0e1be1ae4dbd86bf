/**
 * Chance from a seed. Every part of a simulation draws from a stream of its own, named by what it is for, so that a
 * draw more in one place changes nothing elsewhere.
 */

export class Chance {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = mix(seed, name);
  }

  /** A number in [0, 1) (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  isTrue(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `from` to `to`, both possible. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)] as T;
  }

  /** Each item with this probability; the order stays. */
  some<T>(items: readonly T[], probability: number): T[] {
    return items.filter(() => this.isTrue(probability));
  }

  /** Heavy-tailed around a median: most are near it, a few are many times as much (a log-logistic law). */
  heavyTailed(median: number, shape: number): number {
    const u = Math.min(0.999_999, Math.max(1e-6, this.next()));
    return median * (u / (1 - u)) ** (1 / shape);
  }
}

/** FNV-1a over the seed and the name. */
function mix(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
