/** Slots of leases: the smallest free number. */
import { describe, expect, it } from "vitest";
import { smallestFreeSlot } from "../../../src/keeper/lease-slot.ts";

describe("lease slot", () => {
  it.each([
    [[], 0],
    [[0], 1],
    [[1], 0],
    [[2, 0, 1], 3],
    [[0, 1, 3], 2],
  ])("is the smallest free number beside %j", (taken, slot) => {
    expect(smallestFreeSlot(taken)).toBe(slot);
  });
});
