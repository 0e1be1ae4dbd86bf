/**
 * The segment law: parts of any tree sum to the whole, stripes are disjoint and complete, and no part shrinks as the
 * whole grows. The fast striping is held against k6's walk over all children.
 */
import { describe, expect, it } from "vitest";
import {
  scale,
  SEQUENCE_LENGTH_MAX,
  sequenceLength,
  weightsProblem,
} from "../../src/domain/segment/sequence.ts";
import { reshare, scaleShare, type Share, stripeShare } from "../../src/domain/segment/share.ts";
import { ownersOf } from "../../src/domain/segment/striping.ts";
import { Dice, randomLeaves, randomWeights } from "./segment-tree.ts";

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

/** k6's rule, word for word and slow: walk the children, largest first, and take the first with a claim. */
function walked(norms: readonly number[], length: number): number[] {
  const bySize = [...norms.keys()].sort((a, b) => norms[b]! - norms[a]!);
  const chosen = norms.map(() => 0);
  return Array.from({ length }, (_, slot) => {
    const owner = bySize.find((child) => chosen[child]! * length <= slot * norms[child]!)!;
    chosen[owner]! += 1;
    return owner;
  });
}

/** Every index that some leaf owns below `total`, in leaf order. */
function owned(leaves: readonly Share[], total: number): number[] {
  return leaves.flatMap((leaf) => {
    const part = scaleShare(leaf, total);
    return part === 0 ? [] : Array.from({ length: part }, (_, n) => n).map(stripeShare(leaf));
  });
}

const upTo = (total: number) => Array.from({ length: total }, (_, index) => index);

describe("segment law", () => {
  it("stripes as k6's walk does", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const weights = randomWeights(dice, 12).filter((weight) => weight > 0);
      const length = weights.reduce((sum, weight) => sum + weight, 0);
      expect([...ownersOf(Int32Array.from(weights), length)], `seed ${seed}`).toEqual(
        walked(weights, length),
      );
    }
  });

  it("leaves nothing over and nothing double, in any nested tree", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const leaves = randomLeaves(dice, 3);
      const total = dice.roll(0, 700);
      const indices = owned(leaves, total).sort((a, b) => a - b);
      expect(indices, `seed ${seed}`).toEqual(upTo(total));
    }
  });

  it("sums exactly for totals far beyond one cycle", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const leaves = randomLeaves(dice, 3);
      const total = dice.roll(0, 1_000_000_000) * 1000 + dice.roll(0, 999);
      const sum = leaves.reduce((sum, leaf) => sum + scaleShare(leaf, total), 0);
      expect(sum, `seed ${seed}`).toBe(total);
    }
  });

  it("never wobbles: one more goes to exactly one leaf, and is taken from none", () => {
    for (const seed of seeds) {
      const leaves = randomLeaves(new Dice(seed), 3);
      let before = leaves.map((leaf) => scaleShare(leaf, 0));
      for (let total = 1; total < 150; total++) {
        const after = leaves.map((leaf) => scaleShare(leaf, total));
        const grown = after.filter((part, leaf) => part === before[leaf]! + 1).length;
        const same = after.filter((part, leaf) => part === before[leaf]).length;
        expect([grown, same], `seed ${seed}, total ${total}`).toEqual([1, leaves.length - 1]);
        before = after;
      }
    }
  });

  it("holds for shares divided again by whole VUs", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const leaves = randomLeaves(dice, 3);
      const vus = dice.roll(1, 40);
      const again = leaves.map((leaf) => reshare(leaf, vus));
      const total = dice.roll(0, 500);
      expect(
        owned(again, total).sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(upTo(total));
      expect(
        again.map((leaf) => scaleShare(leaf, vus)),
        `seed ${seed}`,
      ).toEqual(leaves.map((leaf) => scaleShare(leaf, vus)));
    }
  });

  it("holds for coprime weights with the longest cycle that is allowed", () => {
    for (const seed of [1, 2, 3]) {
      const dice = new Dice(seed);
      const others = dice.list(dice.roll(1, 300), () => dice.roll(1, 300));
      const rest = SEQUENCE_LENGTH_MAX - 1 - others.reduce((sum, weight) => sum + weight, 0);
      const weights = [...others, rest, 1];
      expect([sequenceLength(weights), weightsProblem(weights)]).toEqual([SEQUENCE_LENGTH_MAX, undefined]);
      const leaves = weights.map((_, index): Share => [{ weights, index }]);
      const total = SEQUENCE_LENGTH_MAX + dice.roll(0, SEQUENCE_LENGTH_MAX);
      const found = Int32Array.from(owned(leaves, total)).toSorted();
      expect(found.length, `seed ${seed}`).toBe(total);
      expect(
        found.every((index, place) => index === place),
        `seed ${seed}`,
      ).toBe(true);
    }
  });

  it("gives each child its exact part at the end of every cycle", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const weights = randomWeights(dice, 8);
      const sum = weights.reduce((sum, weight) => sum + weight, 0);
      const total = sequenceLength(weights) * dice.roll(0, 1_000_000);
      const parts = weights.map((_, index) => scale(weights, index, total));
      expect(parts, `seed ${seed}`).toEqual(weights.map((weight) => (total * weight) / sum));
    }
  });
});
