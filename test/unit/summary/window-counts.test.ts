/** How complete windows are: who was there, where somebody was missing, and what comes late. */
import { describe, expect, it } from "vitest";
import { WindowAttendance } from "../../../src/domain/summary/window-counts.ts";

function countsOf(...heads: readonly (readonly [window: number, present: number, expected: number])[]) {
  const attendance = new WindowAttendance();
  for (const [number, [window, present, expected]] of heads.entries()) {
    attendance.attend({ source: "root.1", number, window, final: false, expected, present, health: [] });
  }
  return attendance.counts;
}

describe("attendance of windows", () => {
  it("has the least, the usual and the most workers of a window, and where some were missing", () => {
    expect(countsOf([0, 4, 4], [1, 4, 4], [2, 1, 4], [3, 3, 4], [4, 4, 4], [5, 6, 6], [7, 2, 6])).toEqual({
      total: 7,
      complete: 4,
      partial: 3,
      workers: { min: 1, typical: 4, max: 6 },
      lacking: [
        [2, 3],
        [7, 7],
      ],
    });
  });

  it("counts a window once that late data complete", () => {
    expect(countsOf([0, 1, 2], [1, 2, 2], [0, 2, 2], [1, 2, 2])).toEqual({
      total: 2,
      complete: 2,
      partial: 0,
      workers: { min: 2, typical: 2, max: 2 },
    });
  });

  it("keeps a window partial when a later interval knows of fewer", () => {
    expect(countsOf([0, 2, 3], [0, 2, 2])).toMatchObject({ partial: 1, lacking: [[0, 0]] });
  });

  it("leaves out windows behind the last that anybody was in, and has no workers where nobody was", () => {
    expect(countsOf([0, 2, 2], [1, 0, 2])).toEqual({
      total: 1,
      complete: 1,
      partial: 0,
      workers: { min: 2, typical: 2, max: 2 },
    });
    expect(countsOf([0, 0, 2])).toEqual({ total: 0, complete: 0, partial: 0 });
    expect(countsOf()).toEqual({ total: 0, complete: 0, partial: 0 });
  });

  it("tells of ten ranges at most", () => {
    const heads = Array.from({ length: 40 }, (_, n) => [n, n % 2 === 0 ? 1 : 2, 2] as const);
    const { lacking, partial } = countsOf(...heads);
    expect([lacking?.length, partial]).toEqual([10, 20]);
  });
});
