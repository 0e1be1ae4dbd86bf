/**
 * Seeded randomness for property tests: the same seed gives the same case, so a failure names what to rerun. Not for
 * anything but tests.
 */

/** A generator of numbers in [0, 1) (mulberry32). */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `from` to `to`, both possible. */
export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[between(random, 0, items.length - 1)] as T;
}

/** A heavy-tailed whole number: any magnitude from 1 up to 2^`bits`, and now and then 0. */
export function heavyTailed(random: Random, bits = 47): number {
  if (random() < 0.02) return 0;
  return Math.min(Math.floor(2 ** (random() * bits)), 2 ** bits - 1);
}

/** A permutation (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = between(random, 0, index);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
