import { describe, expect, it } from "vitest";
import { nearest } from "../../../src/domain/plan/nearest.ts";

describe("the nearest known name", () => {
  const known = ["run", "runs", "replay", "root", "status"];

  it("is the one at the fewest slips, a swap of neighbours being one", () => {
    expect(nearest("rnu", known)).toBe("run");
    expect(nearest("statsu", known)).toBe("status");
    expect(nearest("repaly", known)).toBe("replay");
    expect(nearest("RUNS", known)).toBe("runs");
    expect(nearest("roots", known)).toBe("root");
  });

  it("is none where nothing is near", () => {
    expect(nearest("compare", known)).toBeUndefined();
    expect(nearest("x", ["status"])).toBeUndefined();
  });
});
