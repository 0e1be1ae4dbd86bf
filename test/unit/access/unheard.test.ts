import { describe, expect, it } from "vitest";
import { isWithin, unheardOf } from "../../../src/domain/access/unheard.ts";
import { patterns, subjects } from "../../../streams/subjects.ts";

describe("what a link wants to hear", () => {
  it("is the zone's own, or is named", () => {
    const own = [subjects.rootPulse(), patterns.zoneThrough("a"), "_INBOX.zone-a.x.*", "$LDS.abc"];
    expect(unheardOf("a", undefined, own)).toEqual([]);
    const more = [
      ">",
      "mesh.>",
      patterns.zoneThrough("b"),
      patterns.zoneThrough("*"),
      "_INBOX.>",
      "_INBOX.root.>",
    ];
    expect(unheardOf("a", undefined, [...own, ...more])).toEqual(more);
  });
});

describe("a pattern within another", () => {
  it.each([
    ["a.b", "a.b", true],
    ["a.b", "a.*", true],
    ["a.*", "a.*", true],
    ["a.b.c", "a.>", true],
    ["a.>", "a.>", true],
    ["a.*.>", "a.>", true],
    ["a", "a.>", false],
    ["a.>", "a.*", false],
    ["*", "a", false],
    [">", "a.>", false],
    ["a.b.c", "a.*", false],
    ["a", "a.b", false],
    ["*.b", "a.b", false],
  ])("%s is in %s: %s", (pattern, allowed, expected) => {
    expect(isWithin(pattern, allowed)).toBe(expected);
  });
});
