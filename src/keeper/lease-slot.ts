/**
 * The number of a lease: commands that hold the same keeper use it to name their zones apart. Pure.
 */

/** The smallest number from 0 that is not taken. */
export function smallestFreeSlot(taken: Iterable<number>): number {
  const held = new Set(taken);
  let slot = 0;
  while (held.has(slot)) slot += 1;
  return slot;
}
