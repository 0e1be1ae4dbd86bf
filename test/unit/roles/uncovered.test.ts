/** What a node keeps of its log until its parent says that it has it, and when it says it again. */
import { describe, expect, it } from "vitest";
import { RESEND_AFTER_MS, Uncovered } from "../../../src/roles/uncovered.ts";

const frame = new Uint8Array(10);
const through = (ranges: readonly (readonly [number, number])[], incarnation = 1, source = "a.1") => ({
  source,
  ranges,
  incarnation,
});

/** Four intervals, stored at 0 ms. */
function four(): Uncovered {
  const uncovered = new Uncovered("a.1");
  for (const number of [0, 1, 2, 3]) uncovered.stored(uncovered.add(number, frame), 0);
  return uncovered;
}

const numbers = (uncovered: Uncovered, nowMs: number) => uncovered.due(nowMs).map(({ number }) => number);

describe("intervals that are not covered", () => {
  it("are let go only by the parent's word on this very source", () => {
    const uncovered = four();
    uncovered.cover(through([[0, 3]], 1, "a.2"));
    expect(uncovered.bytes).toBe(40);
    uncovered.cover(
      through([
        [0, 1],
        [3, 3],
      ]),
    );
    expect([uncovered.bytes, uncovered.first?.number]).toEqual([10, 2]);
  });

  it("are due again after a while, then after twice as long, and never while they are being sent", () => {
    const uncovered = four();
    uncovered.cover(through([[0, 2]]));
    expect(numbers(uncovered, RESEND_AFTER_MS)).toEqual([]);
    const [again] = uncovered.due(RESEND_AFTER_MS + 1);
    if (again === undefined) throw new Error("interval 3 is due");
    expect(numbers(uncovered, 1e9)).toEqual([]);
    uncovered.stored(again, 10_000);
    expect(numbers(uncovered, 10_000 + 2 * RESEND_AFTER_MS)).toEqual([]);
    expect(numbers(uncovered, 10_001 + 2 * RESEND_AFTER_MS)).toEqual([3]);
  });

  it("are all due at once when the parent is a new one", () => {
    const uncovered = four();
    uncovered.cover(through([[0, 0]]));
    uncovered.cover(through([[0, 1]], 2));
    expect(numbers(uncovered, 1)).toEqual([2, 3]);
    expect(numbers(uncovered, 2)).toEqual([]);
  });

  it("are kept once, however often they are taken", () => {
    const uncovered = four();
    uncovered.add(2, frame);
    expect(uncovered.bytes).toBe(40);
    for (const number of [0, 1, 2, 3]) uncovered.release(number);
    expect([uncovered.bytes, uncovered.first]).toEqual([0, undefined]);
  });
});
