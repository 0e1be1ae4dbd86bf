import { describe, expect, it } from "vitest";
import { jsonProblem } from "../../../src/engine/json-problem.ts";

const loop: Record<string, unknown> = {};
loop["self"] = loop;

describe("options that JSON cannot carry", () => {
  it.each([
    [{ a: [1, NaN] }, "options.a[1] is NaN"],
    [{ scenarios: { a: { exec: () => 1 } } }, "options.scenarios.a.exec is a function"],
    [{ at: new Date() }, "options.at is a Date"],
    [{ big: 1n }, "options.big is a bigint"],
    [loop, "options.self contains itself"],
  ])("are named by path", (value, message) => {
    expect(jsonProblem(value, "options")).toContain(message);
  });

  it("are not plain values, nor the same object twice", () => {
    const tags = { a: "b" };
    expect(jsonProblem({ vus: 1, tags, also: tags, none: undefined, no: null }, "options")).toBeUndefined();
  });
});
