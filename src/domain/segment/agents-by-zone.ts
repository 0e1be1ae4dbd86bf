/**
 * How many of a run's agents each zone brings. One function for who starts agents and for who waits for them, so that
 * the two cannot disagree.
 */
import { scale } from "./sequence.ts";

/** One agent for each zone, the rest by weight. Sums to `agents`, or to one per zone where they are too few. */
export function agentsByZone(weights: readonly number[], agents: number): readonly number[] {
  const rest = Math.max(0, agents - weights.length);
  return weights.map((_, index) => 1 + scale(weights, index, rest));
}
