import { describe, expect, it } from "vitest";
import { type Fate, judgeSlot, LATE_MAX_US, noRound } from "../../../src/domain/pace/overdue.ts";

/** What becomes of slots that are all judged at one time, while starts use up VUs and none comes free. */
function fatesOf(dueUs: readonly number[], nowUs: number, free: number): readonly Fate[] {
  const round = noRound();
  let left = free;
  return dueUs.map((due) => {
    const fate = judgeSlot(round, due, nowUs, left);
    if (fate === "start") left -= 1;
    return fate;
  });
}

describe("an overdue slot", () => {
  it("starts if a VU is free, and is dropped if none is", () => {
    expect(fatesOf([10, 20, 30], 30, 2)).toEqual(["start", "start", "drop"]);
  });

  it("is late beyond five seconds, and takes no VU from those that are not", () => {
    const now = 10 * LATE_MAX_US;
    const due = [now - LATE_MAX_US - 1, now - LATE_MAX_US, now];
    expect(fatesOf(due, now, 2)).toEqual(["late", "start", "start"]);
    expect(fatesOf(due, now, 0)).toEqual(["late", "drop", "drop"]);
  });

  it("has no part in VUs that come free after the round began", () => {
    const round = noRound();
    expect(judgeSlot(round, 100, 1_000_000, 1)).toBe("start");
    expect(judgeSlot(round, 200, 1_000_500, 1)).toBe("drop");
    expect(judgeSlot(round, 1_000_000, 1_000_500, 5)).toBe("drop");
    expect(round.isStandstill).toBe(true);
    // What became due meanwhile is of the next round.
    expect(judgeSlot(round, 1_000_001, 1_000_500, 1)).toBe("start");
    expect(round.isStandstill).toBe(false);
  });
});
