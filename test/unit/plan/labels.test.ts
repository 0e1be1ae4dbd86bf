import { describe, expect, it } from "vitest";
import { linesOf, planOf } from "./request.ts";

const options = { vus: 1, duration: "1s" };
const linesWith = (labels: Record<string, string>) => linesOf(options, { labels });

describe("labels of a run", () => {
  it("are in its plan as they were given", () => {
    expect(planOf(options, { labels: { ticket: "SHOP-7" } }).labels).toEqual({ ticket: "SHOP-7" });
    expect(planOf(options)).not.toHaveProperty("labels");
  });

  it("are refused where a list could not show them", () => {
    expect(linesWith({ "7up": "x" })).toEqual([
      expect.stringMatching(/^labels\.7up: is no name \(use a letter/),
    ]);
    expect(linesWith({ a: "x".repeat(257) })).toEqual(["labels.a: is 257 characters long, not 256 at most"]);
    expect(linesWith({ a: "b\u001b[31m" })).toEqual([
      "labels.a: has a line break or another control character",
    ]);
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, ""]));
    expect(linesWith(many)).toEqual(["labels: are 33, and at most 32 are kept"]);
  });
});
