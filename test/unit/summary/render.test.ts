/** The summary as text: k6's order, what k6 does not say, and never wider than a page. */
import { describe, expect, it } from "vitest";
import { canonicalJson, type SummaryDocument } from "../../../src/domain/summary/document.ts";
import { bytesText, durationText, percentText } from "../../../src/domain/summary/figures.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { documentOf, troubledDocument } from "./fixture.ts";

const zero = { type: "counter", contains: "default", values: { count: 0, rate: 0 } };

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

  it.each([20, 40, 60, 80, 100])("is at most %i columns wide where that is the page", (columns) => {
    for (const document of [documentOf(), troubledDocument()]) {
      const lines = renderSummary(document, { columns }).split("\n");
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it("says the same on a narrow page, only in more lines", () => {
    const words = (columns: number) =>
      renderSummary(troubledDocument(), { columns })
        .split(/[\s.:]+/)
        .filter((word) => /^[a-z]/.test(word));
    const wide = new Set(words(100));
    expect(words(60).filter((word) => !wide.has(word) && !word.includes("="))).toEqual([]);
  });

  it("puts colours on and changes nothing else", () => {
    const looks = new Set<string>();
    const paint = (look: string, text: string) => {
      looks.add(look);
      return text;
    };
    const coloured = renderSummary(troubledDocument(), { columns: 80, paint });
    expect(coloured).toBe(renderSummary(troubledDocument(), { columns: 80 }));
    expect([...looks].toSorted()).toEqual(["bold", "green", "red"]);
  });

  it("ends with the outcome, why it is so, what to do, and whole commands", () => {
    const command = `mesh sql "${"SELECT 1 ".repeat(20)}"`;
    const next = [
      { command: "mesh events mhzk-1", tells: "what happened" },
      { command, tells: "all of it" },
    ];
    const text = renderSummary(documentOf(), { columns: 60, next });
    expect(text.split("\n").slice(-8)).toEqual([
      "  ✗ failed (exit 99) after 2s, run mhzk-1",
      "    1 threshold failed: http_req_duration p(95)<5",
      "    These limits were missed; the figures hold. mesh runs",
      "    lists earlier runs to compare with.",
      "",
      "    mesh events mhzk-1  what happened",
      `    ${command}`,
      "",
    ]);
  });

  it("says how many of the dropped iterations were late", () => {
    const document = documentOf();
    const dropped = { ...zero, values: { count: 8, rate: 4 } };
    const late = { ...zero, values: { count: 3, rate: 1.5 } };
    const metrics = { dropped_iterations: dropped, "dropped_iterations{reason:late}": late };
    const text = renderSummary({
      ...document,
      metrics: { ...document.metrics, ...metrics } as SummaryDocument["metrics"],
    });
    expect(text).toMatch(/dropped_iterations\.+: 8 .*\n +\{ reason:late \}\.+: 3 /);
  });

  it("leaves out what tells nothing: parts of a request, no drops, a part that is the whole", () => {
    const document = documentOf();
    const { http_req_duration: whole } = document.metrics;
    const quiet = {
      ...document.metrics,
      http_req_waiting: whole,
      dropped_iterations: zero,
      "http_req_duration{expected_response:true}": whole,
    } as SummaryDocument["metrics"];
    const text = renderSummary({ ...document, metrics: quiet });
    expect(text).not.toMatch(/http_req_waiting|dropped_iterations|expected_response/);
    const threshold = {
      metric: "http_req_waiting",
      threshold: "p(95)<9",
      judgement: "pass",
      observed: 1,
    } as const;
    expect(renderSummary({ ...document, metrics: quiet, thresholds: [threshold] })).toMatch(
      /http_req_waiting\.+: avg=/,
    );
  });

  it("says when a threshold with a timeframe was breached, or came nearest to its limit", () => {
    const threshold = (judgement: "pass" | "fail", fromMs: number, toMs: number, observed: number) => ({
      metric: "http_req_duration",
      threshold: "p(99)<300 for 10s",
      judgement,
      observed,
      frame: { windows: [0, 9] as const, fromMs, toMs },
    });
    const thresholds = [
      threshold("fail", 42_000, 52_000, 412),
      threshold("pass", 3_599_800, 3_601_000, 250.5),
    ];
    const text = renderSummary({ ...documentOf(), thresholds });
    expect(text.match(/.*for 10s.*/g)).toEqual([
      "    ✗ 'p(99)<300 for 10s' breached at 0:42–0:52, p(99)=412ms, limit <300ms",
      "    ✓ 'p(99)<300 for 10s' p(99)=250.5ms at worst, 59:59.8–1:00:01, limit <300ms",
    ]);
  });

  it("of a run that never started is its end alone", () => {
    const text = renderSummary({ ...documentOf(), startedAt: 0, outcome: "errored", exitCode: 112 });
    expect(text).not.toContain("█");
    expect(text).toMatch(/^ {2}✗ errored \(exit 112\)/);
  });

  it("has no block for what never was", () => {
    const document = documentOf();
    const none = { planned: 0, completed: 0, interrupted: 0, dropped: 0, lost: 0 };
    const text = renderSummary({
      ...document,
      ledger: { total: none, scenarios: { shoppers: none }, agents: { a: none } },
      metrics: {},
      thresholds: [],
      completeness: { ...document.completeness, windows: { total: 0, complete: 0, partial: 0 } },
      generator: { byAgent: {} },
    });
    expect(text.match(/█ .*/g)).toEqual(["█ COMPLETENESS"]);
    expect(text).not.toContain("windows");
  });

  it("names of many agents in the ledger those that were lost, and no group that is only the total", () => {
    const document = documentOf();
    const { total } = document.ledger;
    const lost = { ...total, completed: 50, lost: 10 };
    const names = Array.from({ length: 30 }, (_, n) => `agent-${n}`);
    const agents = Object.fromEntries(names.map((name) => [name, name === "agent-7" ? lost : total]));
    const text = renderSummary({
      ...document,
      ledger: { ...document.ledger, agents },
      completeness: { ...document.completeness, agents: { expected: 30, finished: 29, lost: ["agent-7"] } },
      generator: { byAgent: {} },
    });
    expect(text).toMatch(/^ {4}by agent\n {6}agent-7 +60 +50 +0 +0 +10\n\n/m);
    expect(text).not.toContain("by scenario");
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
