import { describe, expect, it } from "vitest";
import { DURATION_MAX_MS, durationText, millisecondsOf } from "../../../src/domain/plan/duration.ts";

describe("duration", () => {
  it.each([
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["1h", 3_600_000],
    ["1d12h", 129_600_000],
    ["1.5s", 1500],
    [".5s", 500],
    ["0.3s", 300],
    ["2.007s", 2007],
    ["1500us", 1.5],
    ["1500", 1500],
    [250, 250],
    [0, 0],
    [-5, -5],
  ])("reads %s as %d ms", (written, milliseconds) => {
    expect(millisecondsOf(written)).toBe(milliseconds);
  });

  it.each(["", "s", "30", "abc", "30 s", "-30s", "30x", "1m30", "1e3s", NaN, Infinity, true, null, {}, []])(
    "reads %s only if it is a duration",
    (written) => {
      expect(millisecondsOf(written)).toBe(written === "30" ? 30 : undefined);
    },
  );

  it("writes what it reads", () => {
    for (const text of ["0s", "1s", "500ms", "1m30s", "1h1ms", "576h"]) {
      expect(durationText(millisecondsOf(text)!)).toBe(text);
    }
  });

  it("bounds durations by what a timer can wait", () => {
    expect(DURATION_MAX_MS).toBeLessThan(2 ** 31);
    expect(durationText(DURATION_MAX_MS)).toBe("576h");
  });
});
