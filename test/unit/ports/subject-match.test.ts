/** The memory server's reading of NATS patterns. */
import { describe, expect, it } from "vitest";
import { matches } from "../../../src/ports/subject-match.ts";
import { covers } from "../../support/subject-pattern.ts";

describe("subject pattern", () => {
  it.each([
    ["a.b", "a.b", true],
    ["a.b", "a.c", false],
    ["a.*", "a.b", true],
    ["a.*", "a", false],
    ["a.*", "a.b.c", false],
    ["*.b", "a.b", true],
    ["a.>", "a.b", true],
    ["a.>", "a.b.c", true],
    ["a.>", "a", false],
    [">", "a.b.c", true],
    ["a.*.c.>", "a.b.c.d", true],
    ["a.*.c.>", "a.b.x.d", false],
  ])("%s on %s: %s", (pattern, subject, is) => {
    expect(matches(pattern, subject)).toBe(is);
  });

  it("agrees with the tests' own reading of the rules", () => {
    const tokens = ["a", "b", "*"];
    const words = (length: number, of: readonly string[]): string[][] =>
      length === 0 ? [[]] : words(length - 1, of).flatMap((word) => of.map((token) => [...word, token]));
    const patterns = [1, 2, 3].flatMap((length) => words(length, tokens)).map((word) => word.join("."));
    const subjects = [1, 2, 3].flatMap((length) => words(length, ["a", "b"])).map((word) => word.join("."));
    for (const pattern of [...patterns, ...patterns.map((each) => `${each}.>`)])
      for (const subject of subjects)
        expect(matches(pattern, subject), `${pattern} on ${subject}`).toBe(covers(pattern, subject));
  });
});
