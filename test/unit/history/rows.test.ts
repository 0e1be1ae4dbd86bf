/** From root's interval log to rows, blocks and totals. */
import { describe, expect, it } from "vitest";
import { BlockCutter, insertToken } from "../../../src/domain/history/blocks.ts";
import { instantText, type TrendRow } from "../../../src/domain/history/rows.ts";
import { rowsOf, SeriesNames } from "../../../src/domain/history/series-rows.ts";
import { differenceOf, type Totals } from "../../../src/domain/history/totals.ts";
import { encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { makeCell } from "../../../src/domain/metric/cell.ts";
import type { SeriesDefinition } from "../../../src/domain/metric/definition.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";
import { recordRun, STARTED_AT } from "../../support/recorded-run.ts";

const clock = { run: "r", startAt: STARTED_AT, windowMs: 1000, attempt: 1 };
const head = {
  source: "root.0",
  number: 3,
  window: 2,
  final: false,
  expected: 1,
  present: 1,
  adds: [],
  through: [],
  health: [],
};
const define = (kind: SeriesDefinition["kind"], tags: Record<string, string> = {}): SeriesDefinition => ({
  metric: `a_${kind}`,
  kind,
  unit: "default",
  tags,
});

function rowsFor(definition: SeriesDefinition, fill: (cell: ReturnType<typeof makeCell>) => void) {
  const cell = makeCell(definition.kind);
  fill(cell);
  const frame = encodeInterval(head, definitionsOf([definition]), [{ id: seriesIdOf(definition), cell }]);
  const names = new SeriesNames();
  names.add(frame);
  return rowsOf(frame, clock, names);
}

describe("rows", () => {
  it("of a trend have every bucket by its highest value, and exact sums", () => {
    const definition = define("trend", { scenario: "shop", status: "200" });
    const { trends } = rowsFor(definition, (cell) => {
      if (cell.kind !== "trend") return;
      for (const value of [5, 5, 7, 5000, -1, 2 ** 60]) cell.record(value, 1);
    });
    expect(trends).toEqual([
      {
        run: "r",
        attempt: 1,
        interval: 3,
        window: 2,
        ts: "1790000002.123456",
        metric: "a_trend",
        unit: "default",
        scenario: "shop",
        tags: { scenario: "shop", status: "200" },
        series: String(seriesIdOf(definition)),
        rejected: 1,
        count: 5,
        sum: String(5 + 5 + 7 + 5000 + 2 ** 47 - 1),
        min: 5,
        max: 2 ** 47 - 1,
        saturated: 1,
        v: [5, 7, 5003, 2 ** 47 - 1],
        c: [2, 1, 1, 1],
      },
    ]);
  });

  it("of a counter are exact beyond doubles", () => {
    const { counters } = rowsFor(define("counter"), (cell) => {
      if (cell.kind !== "counter") return;
      for (let n = 0; n < 3; n += 1) cell.record(1e12);
      cell.record(0.000001);
    });
    expect(counters).toMatchObject([{ value: "3000000000000000001", scenario: "", rejected: 0 }]);
  });

  it("of a gauge keep what its merge goes by, and of an unset one only what was rejected", () => {
    const set = rowsFor(define("gauge"), (cell) => {
      if (cell.kind !== "gauge") return;
      cell.record(-2.5, 10, "a.1");
      cell.record(1, 20, "b.1");
    });
    expect(set.gauges).toMatchObject([
      { readings: 1, value: 1000, min: -2500, max: 1000, at: 20, source: "b.1", rejected: 0 },
    ]);
    const unset = rowsFor(
      define("gauge"),
      (cell) => cell.kind === "gauge" && cell.record(Number.NaN, 0, "a"),
    );
    expect(unset.gauges).toMatchObject([{ readings: 0, value: 0, rejected: 1 }]);
  });

  it("of a series that a later interval defines have its name", () => {
    const definition = define("rate");
    const cell = makeCell("rate");
    const series = [{ id: seriesIdOf(definition), cell }];
    const [early, late] = [
      encodeInterval(head, definitionsOf([]), series),
      encodeInterval({ ...head, number: 4 }, definitionsOf([definition]), series),
    ];
    const names = new SeriesNames();
    for (const frame of [early, late]) names.add(frame);
    expect(rowsOf(early, clock, names).rates).toMatchObject([{ metric: "a_rate" }]);
    expect(rowsOf(early, clock, new SeriesNames()).rates).toMatchObject([
      { metric: expect.stringMatching(/^undefined /) },
    ]);
  });

  it("name instants to the µs, also before 1970", () => {
    expect([instantText(1_790_000_000_000_007), instantText(0)]).toEqual(["1790000000.000007", "0.000000"]);
  });
});

describe("blocks", () => {
  const { frames } = recordRun({ run: "r", windows: 130 });
  const cut = (length: number) => {
    const names = new SeriesNames();
    for (const frame of frames) names.add(frame);
    const cutter = new BlockCutter(clock, names, length);
    return { cutter, blocks: frames.flatMap((frame) => cutter.add(frame) ?? []) };
  };

  it("have sixty intervals each, and the same rows whoever cuts them", () => {
    const { blocks, cutter } = cut(130);
    expect(blocks.map(({ first, last, number }) => [number, first, last])).toEqual([
      [0, 0, 59],
      [1, 60, 119],
      [2, 120, 129],
    ]);
    expect(cutter.isWhole).toBe(true);
    expect(cut(130).blocks).toEqual(blocks);
  });

  it("end where the report does, and are not whole where the log ends earlier", () => {
    expect(cut(60).blocks.map(({ last }) => last)).toEqual([59]);
    expect(cut(61).blocks.map(({ last }) => last)).toEqual([59, 60]);
    const { blocks, cutter } = cut(200);
    expect([blocks.length, cutter.isWhole]).toEqual([2, false]);
  });

  it("have a token of their own for each table and attempt", () => {
    expect(insertToken("r", "trends", { first: 60, last: 119 }, 2)).toBe("r/trends/60-119/1/2");
  });

  it("have totals that tell any row that is missing, twice, or changed", () => {
    const { cutter } = cut(130);
    const totals = cutter.totals;
    expect(differenceOf(totals, cut(130).cutter.totals)).toBeUndefined();
    expect(differenceOf(totals, cut(129).cutter.totals)).toMatch(/^trends, \S+, rows/);
    const changed = JSON.parse(JSON.stringify(totals)) as Record<
      keyof Totals,
      Record<string, Record<string, string>>
    >;
    const trend = changed.trends["http_req_duration"];
    if (trend !== undefined) trend["weight"] = `${BigInt(trend["weight"] ?? 0) + 1n}`;
    expect(differenceOf(totals, changed)).toMatch(
      /^trends, http_req_duration, weight: the log has \d+, ClickHouse \d+$/,
    );
    expect(differenceOf(totals, { ...changed, trends: totals.trends, rates: {} })).toMatch(/^rates, /);
  });

  it("add up to the samples of the buckets", () => {
    const rows: readonly TrendRow[] = cut(130).blocks.flatMap((block) => block.rows.trends);
    for (const { c, count, v } of rows) {
      expect(c.reduce((sum, n) => sum + n, 0)).toBe(count);
      expect(v).toEqual(v.toSorted((a, b) => a - b));
    }
  });
});
