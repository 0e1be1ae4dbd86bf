/**
 * One level of division: how the slots 0, 1, 2, … of a parent fall to its children in proportion to their weights.
 * This is k6's striping (anchors B.1): in each cycle of `length` slots a child of weight w owns w/sum of them, spread
 * evenly. It relies on weights never being changed in place, because sequences are remembered by their array.
 */
import { ownersOf } from "./striping.ts";

/** Longest cycle that weights may ask for; coprime weights make it their sum, and each node holds it in memory. */
export const SEQUENCE_LENGTH_MAX = 100_000;

/** The slots of one child in the numbering of its parent. */
export interface Stripe {
  /** The parent's index of this child's `n`th slot, both from 0. */
  slotOf(n: number): number;
}

interface Sequence {
  readonly length: number;
  /** Slots of child i in one cycle, ascending, at `first[i]` up to `first[i + 1]`. */
  readonly slots: Int32Array;
  readonly first: Int32Array;
}

const sequences = new WeakMap<readonly number[], Sequence>();

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Length of the cycle that these weights need: their sum over their greatest common divisor; 0 if all are 0. */
export function sequenceLength(weights: readonly number[]): number {
  const divisor = weights.reduce(gcd, 0);
  return divisor === 0 ? 0 : weights.reduce((sum, weight) => sum + weight, 0) / divisor;
}

/** What is wrong with these weights as a division, in words; undefined if nothing is. */
export function weightsProblem(weights: readonly number[]): string | undefined {
  if (!weights.every((weight) => Number.isSafeInteger(weight) && weight >= 0)) {
    return "weights must be whole numbers, 0 or more";
  }
  const length = sequenceLength(weights);
  if (length === 0) return "at least one weight must be more than 0";
  if (length <= SEQUENCE_LENGTH_MAX) return undefined;
  return (
    `the weights need a cycle of ${length} slots (their sum over their greatest common divisor), ` +
    `more than the ${SEQUENCE_LENGTH_MAX} allowed`
  );
}

/**
 * The integer part of `total` that falls to child `index`. By the segment law the parts of all children sum to
 * `total`, and no part shrinks as `total` grows. All parts are 0 where all weights are.
 */
export function scale(weights: readonly number[], index: number, total: number): number {
  const { length, slots, first } = sequenceOf(weights);
  const [from, to] = rangeOf(first, index);
  if (from === to) return 0;
  const cycles = Math.floor(total / length);
  return cycles * (to - from) + countBelow(slots, from, to, total - cycles * length);
}

/** The stripe of child `index`. Throws a RangeError for a child of weight 0, which has no slots. */
export function stripeOf(weights: readonly number[], index: number): Stripe {
  const { length, slots, first } = sequenceOf(weights);
  const [from, to] = rangeOf(first, index);
  const norm = to - from;
  if (norm === 0) throw new RangeError(`child ${index} has weight 0, so it has no slots`);
  return {
    slotOf(n) {
      const cycles = Math.floor(n / norm);
      return cycles * length + slots[from + n - cycles * norm]!;
    },
  };
}

function rangeOf(first: Int32Array, index: number): readonly [from: number, to: number] {
  const from = first[index];
  const to = first[index + 1];
  if (from === undefined || to === undefined) throw new RangeError(`there is no child ${index}`);
  return [from, to];
}

/** How many of the ascending `slots[from..to)` are below `bound`. */
function countBelow(slots: Int32Array, from: number, to: number, bound: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slots[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low - from;
}

function sequenceOf(weights: readonly number[]): Sequence {
  const known = sequences.get(weights);
  if (known !== undefined) return known;
  const built = buildSequence(weights);
  sequences.set(weights, built);
  return built;
}

function buildSequence(weights: readonly number[]): Sequence {
  const divisor = weights.reduce(gcd, 0) || 1;
  const norms = Int32Array.from(weights, (weight) => weight / divisor);
  const first = new Int32Array(norms.length + 1);
  for (const [child, norm] of norms.entries()) first[child + 1] = first[child]! + norm;
  const length = first[norms.length]!;
  const slots = new Int32Array(length);
  const filled = first.slice();
  for (const [slot, child] of ownersOf(norms, length).entries()) slots[filled[child]!++] = slot;
  return { length, slots, first };
}
