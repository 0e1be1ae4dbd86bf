import { describe, expect, it } from "vitest";
import { jsonProblems } from "../../../src/engine/json-problems.ts";

const loop: Record<string, unknown> = {};
loop["self"] = loop;

const linesOf = (value: unknown) =>
  jsonProblems(value, "options").map(({ message, path }) => `${path} ${message}`);

describe("options that JSON cannot carry", () => {
  it.each([
    [{ a: [1, NaN] }, "options.a[1] is NaN"],
    [{ a: Infinity }, "options.a is Infinity"],
    [{ scenarios: { "a b": { exec: () => 1 } } }, 'options.scenarios["a b"].exec is a function'],
    [{ at: new Date() }, "options.at is a Date"],
    [{ big: 1n }, "options.big is a bigint"],
    [loop, "options.self contains itself"],
  ])("are named by path", (value, line) => {
    expect(linesOf(value)).toEqual([line]);
  });

  it("are all named at once, with what NaN often comes from", () => {
    expect(linesOf({ vus: NaN, also: [() => 1, "text"] })).toEqual([
      "options.vus is NaN",
      "options.also[0] is a function",
    ]);
    expect(jsonProblems({ vus: NaN }, "options")[0]?.hint).toContain("--env");
  });

  it("are not plain values, nor the same object twice", () => {
    const tags = { a: "b" };
    expect(linesOf({ vus: 1, tags, also: tags, none: undefined, no: null })).toEqual([]);
  });
});
