/** One level of division against k6's golden vectors (anchors B.1), and the edges of nested shares. */
import { describe, expect, it } from "vitest";
import {
  scale,
  SEQUENCE_LENGTH_MAX,
  sequenceLength,
  stripeOf,
  weightsProblem,
} from "../../../src/domain/segment/sequence.ts";
import { reshare, scaleShare, stripeShare } from "../../../src/domain/segment/share.ts";

const parts = (weights: readonly number[], total: number) =>
  weights.map((_, index) => scale(weights, index, total));

/** Who owns each slot of one cycle, read back from the children's stripes. */
function owners(weights: readonly number[]): number[] {
  const length = sequenceLength(weights);
  const owners: number[] = Array.from({ length }, () => -1);
  for (const index of weights.keys()) {
    const stripe = stripeOf(weights, index);
    for (let n = 0; n < scale(weights, index, length); n++) owners[stripe.slotOf(n)] = index;
  }
  return owners;
}

describe("sequence", () => {
  it.each([
    { weights: [2, 1, 1], slots: [0, 1, 0, 2] },
    { weights: [1, 1, 1], slots: [0, 1, 2] },
    { weights: [4, 5, 9, 2], slots: [2, 1, 0, 2, 1, 2, 0, 2, 1, 2, 0, 3, 2, 1, 2, 0, 2, 1, 2, 3] },
  ])("gives the slots of $weights to the owners that k6 does", ({ weights, slots }) => {
    expect(owners(weights)).toEqual(slots);
  });

  it.each([
    { weights: [2, 1, 1], total: 7, expected: [4, 2, 1] },
    { weights: [2, 1, 1], total: 11, expected: [6, 3, 2] },
    { weights: [1, 1, 1], total: 100, expected: [34, 33, 33] },
    { weights: [4, 5, 9, 2], total: 7, expected: [2, 2, 3, 0] },
    { weights: [4, 5, 9, 2], total: 11, expected: [3, 3, 5, 0] },
    { weights: [4, 5, 9, 2], total: 100, expected: [20, 25, 45, 10] },
  ])("divides $total by $weights as k6 does", ({ weights, total, expected }) => {
    expect(parts(weights, total)).toEqual(expected);
  });

  it("continues a stripe into later cycles", () => {
    const stripe = stripeOf([2, 1, 1], 0);
    expect([0, 1, 2, 3, 4, 5].map((n) => stripe.slotOf(n))).toEqual([0, 2, 4, 6, 8, 10]);
    expect(stripeOf([2, 1, 1], 2).slotOf(1_000_000_000)).toBe(4_000_000_003);
  });

  it("does not care about a common factor", () => {
    expect(owners([400, 500, 900, 200])).toEqual(owners([4, 5, 9, 2]));
  });

  it("gives a child of weight 0 no work and no slots", () => {
    expect(parts([3, 0, 1], 8)).toEqual([6, 0, 2]);
    expect(() => stripeOf([3, 0, 1], 1)).toThrow(RangeError);
    expect(parts([0, 0], 5)).toEqual([0, 0]);
  });

  it("knows no child beyond its weights", () => {
    expect(() => scale([1, 1], 2, 10)).toThrow("there is no child 2");
  });

  it("refuses weights whose cycle is too long, and nothing shorter", () => {
    expect(weightsProblem([SEQUENCE_LENGTH_MAX - 1, 1])).toBeUndefined();
    expect(weightsProblem([SEQUENCE_LENGTH_MAX, 1])).toContain("100001 slots");
    expect(weightsProblem([1_000_000, 3_000_000])).toBeUndefined();
    expect(weightsProblem([0, 0])).toContain("more than 0");
    expect(weightsProblem([1, -1])).toContain("whole numbers");
    expect(weightsProblem([1, 0.5])).toContain("whole numbers");
  });
});

describe("share", () => {
  const zone = { weights: [2, 1], index: 0 };
  const worker = (index: number) => [zone, { weights: [1, 1], index }];

  it("is the whole when there is no division", () => {
    expect(scaleShare([], 17)).toBe(17);
    expect(stripeShare([])(5)).toBe(5);
    expect(reshare([], 17)).toEqual([]);
  });

  it("divides what the parent was given, level by level", () => {
    expect(scaleShare([zone], 10)).toBe(7);
    expect([scaleShare(worker(0), 10), scaleShare(worker(1), 10)]).toEqual([4, 3]);
    const [first, second] = [stripeShare(worker(0)), stripeShare(worker(1))];
    expect([0, 1, 2].map((n) => first(n))).toEqual([0, 3, 6]);
    expect([0, 1, 2].map((n) => second(n))).toEqual([2, 5, 8]);
  });

  it("divides again by whole VUs, so that a node without a VU has no work", () => {
    const again = reshare(worker(1), 2);
    expect(again).toEqual([
      { weights: [1, 1], index: 0 },
      { weights: [1, 0], index: 1 },
    ]);
    expect(scaleShare(again, 1000)).toBe(0);
    expect(scaleShare(reshare(worker(0), 2), 1000)).toBe(500);
  });

  it("remembers reshared weights, so that siblings hold one array", () => {
    const weights = [1, 1, 1];
    const [a, b] = [reshare([{ weights, index: 0 }], 7), reshare([{ weights, index: 2 }], 7)];
    expect(a[0]?.weights).toBe(b[0]?.weights);
    expect(a[0]?.weights).toEqual([3, 2, 2]);
  });
});
