/** Who waits for whom at the end of a run, and for how long. */
import { describe, expect, it } from "vitest";
import { COVERED_WITHIN_MS, drainSlackMs, levelsBelow } from "../../../src/roles/drain-slack.ts";

describe("patience with a zone", () => {
  it("lasts until it has given up what is below it, and has waited for what the others had stated", () => {
    expect(drainSlackMs(0)).toBeGreaterThan(COVERED_WITHIN_MS);
    for (let levels = 1; levels <= 8; levels += 1)
      expect(drainSlackMs(levels)).toBeGreaterThan(drainSlackMs(levels - 1) + COVERED_WITHIN_MS);
  });

  it("is bounded, whatever the zone says of itself", () => {
    expect(drainSlackMs(Number.MAX_SAFE_INTEGER)).toBe(drainSlackMs(8));
  });
});

describe("levels below a zone", () => {
  const members = [{ zone: "fra" }, { zone: "lab" }, { zone: "lab" }, { zone: "cellar" }, {}];

  it("are what it told, and one at least where it has agents in zones below", () => {
    expect([
      levelsBelow("fra", 3, members),
      levelsBelow("fra", 0, members),
      levelsBelow("fra", 0, [{}]),
    ]).toEqual([3, 1, 0]);
  });

  it("are as many as its agents can be in while it has told nothing", () => {
    expect(levelsBelow("fra", undefined, members)).toBe(2);
  });
});
