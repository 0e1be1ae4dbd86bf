/**
 * A share of the whole: the path of divisions from the root down to one node, the root's first; `[]` is the whole.
 * Division is nested: each level divides what its parent was given and nothing else, so a leaf computes its part
 * from its own share, with no conversation. The segment law (style.md 4.9) holds for any tree of shares.
 */
import type { Share } from "../../../streams/schema/share.ts";
import { scale, stripeOf } from "./sequence.ts";

export type { Share } from "../../../streams/schema/share.ts";

/** How many totals are remembered per set of weights: more than the scenarios of one plan, so leaves share arrays. */
const TOTALS_MAX = 64;

const dividedTotals = new WeakMap<readonly number[], Map<number, readonly number[]>>();

/** This node's integer part of `total`. The parts of all leaves of a tree sum to `total`. */
export function scaleShare(share: Share, total: number): number {
  return share.reduce((part, { weights, index }) => scale(weights, index, part), total);
}

/**
 * Maps the `n`th slot of this node to its index in the whole, both from 0. Throws a RangeError if some division on
 * the path gives this node weight 0: it has no slots.
 */
export function stripeShare(share: Share): (n: number) => number {
  const stripes = share.map(({ weights, index }) => stripeOf(weights, index)).toReversed();
  return (n) => {
    let slot = n;
    for (const stripe of stripes) slot = stripe.slotOf(slot);
    return slot;
  };
}

/**
 * The same path with the weights of each level replaced by the integer parts of `total` at that level. k6 divides
 * work by whole VUs in this way: who gets 2 of 3 VUs gets two thirds of the iterations, whatever the first weights said.
 */
export function reshare(share: Share, total: number): Share {
  let part = total;
  return share.map(({ weights, index }) => {
    const parts = partsOf(weights, part);
    part = parts[index] ?? 0;
    return { weights: parts, index };
  });
}

/** Remembered, so that all siblings get the same array and with it the same remembered sequence. */
function partsOf(weights: readonly number[], total: number): readonly number[] {
  const totals = dividedTotals.get(weights) ?? new Map<number, readonly number[]>();
  dividedTotals.set(weights, totals);
  const known = totals.get(total);
  if (known !== undefined) return known;
  if (totals.size >= TOTALS_MAX) totals.clear();
  const parts = weights.map((_, index) => scale(weights, index, total));
  totals.set(total, parts);
  return parts;
}
