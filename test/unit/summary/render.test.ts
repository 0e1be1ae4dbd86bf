/** The summary as text: k6's order, what k6 does not say, and never wider than a page. */
import { describe, expect, it } from "vitest";
import { canonicalJson, type SummaryDocument } from "../../../src/domain/summary/document.ts";
import { bytesText, durationText, percentText } from "../../../src/domain/summary/figures.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { documentOf } from "./fixture.ts";

describe("renderSummary", () => {
  it("has its blocks in k6's order, then the ledger, completeness and generator", () => {
    const text = renderSummary(documentOf());
    const titles = [...text.matchAll(/█ ([A-Z ]+)$|^ {4}(CUSTOM|HTTP|EXECUTION|NETWORK)$/gm)];
    expect(titles.map(([, block, part]) => block ?? part)).toEqual([
      "THRESHOLDS",
      "TOTAL RESULTS",
      "CUSTOM",
      "HTTP",
      "EXECUTION",
      "NETWORK",
      "LEDGER",
      "COMPLETENESS",
      "GENERATOR",
    ]);
  });

  it("is at most 100 columns wide, whatever the names are", () => {
    const document = documentOf();
    const long = "a very long name ".repeat(20);
    const wide: SummaryDocument = {
      ...document,
      cause: long,
      metrics: { ...document.metrics, [long]: document.metrics["cart_size"] as never },
      ledger: { ...document.ledger, scenarios: { [long]: document.ledger.total } },
      root_group: {
        ...document.root_group,
        checks: [{ name: long, path: long, id: "", passes: 1, fails: 2 }],
      },
      completeness: { ...document.completeness, mismatches: [long] },
    };
    const lines = renderSummary(wide).split("\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it("shows mismatches and lost agents", () => {
    const document = documentOf();
    const agents = { expected: 2, finished: 1, lost: ["b"] };
    const text = renderSummary({
      ...document,
      completeness: { ...document.completeness, agents, mismatches: ["one too many"] },
    });
    expect(text).toMatch(/agents lost\.+: b/);
    expect(text).toContain("✗ one too many");
  });
});

describe("canonicalJson", () => {
  it("does not depend on the order of keys", () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: "x" })).toBe('{"a":"x","b":[{"d":1}]}');
  });
});

describe("figures", () => {
  it("reads as k6's do", () => {
    expect([0, 0.25, 12.345, 1500, 61_000, 3_661_000].map(durationText)).toEqual([
      "0s",
      "250µs",
      "12.35ms",
      "1.5s",
      "1m1s",
      "1h1m1s",
    ]);
    expect([0, 999, 1234, 5_600_000].map(bytesText)).toEqual(["0 B", "999 B", "1.2 kB", "5.6 MB"]);
  });

  it("never rounds a part up to the whole or down to nothing", () => {
    expect([0, 0.000001, 0.5, 0.999999, 1].map(percentText)).toEqual([
      "0.00%",
      "0.01%",
      "50.00%",
      "99.99%",
      "100.00%",
    ]);
  });
});
