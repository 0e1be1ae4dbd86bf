/** What each kind of metric does at its edges, and the identity of series. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Counter } from "../../../src/domain/metric/counter.ts";
import { Gauge } from "../../../src/domain/metric/gauge.ts";
import { HIGHEST_TRACKABLE } from "../../../src/domain/metric/layout.ts";
import { rankOf } from "../../../src/domain/metric/rank.ts";
import { Rate } from "../../../src/domain/metric/rate.ts";
import {
  canonicalSeries,
  parseCanonical,
  seriesIdOf,
  seriesIdText,
} from "../../../src/domain/metric/series.ts";
import { Trend } from "../../../src/domain/metric/trend.ts";

describe("counter", () => {
  it("keeps millionths exact far beyond 2^53", () => {
    const counter = new Counter();
    for (let left = 0; left < 10; left += 1) counter.record(1e12);
    counter.record(0.000001);
    expect(counter.sum.total).toBe(10n ** 19n + 1n);
  });

  it("rejects what is not finite or beyond its bound", () => {
    const counter = new Counter();
    for (const value of [Number.NaN, Infinity, -Infinity, 1e13]) counter.record(value);
    expect([counter.value, counter.rejected]).toEqual([0, 4]);
  });
});

describe("gauge", () => {
  it("has the greatest of negative values be negative", () => {
    const gauge = new Gauge();
    for (const [at, value] of [-5, -3, -9].entries()) gauge.record(value, at, "a");
    expect(gauge.values).toEqual({ value: -9, min: -9, max: -3 });
  });

  it("takes the later instant, then the greater source, whatever comes first", () => {
    const readings = [
      [1, 10, "a"],
      [2, 20, "a"],
      [3, 20, "b"],
    ] as const;
    for (const order of [readings, readings.toReversed()]) {
      const gauge = new Gauge();
      for (const [value, at, source] of order) gauge.record(value, at, source);
      expect(gauge.values.value).toBe(3);
    }
  });

  it("rejects what is not finite", () => {
    const gauge = new Gauge();
    gauge.record(Number.NaN, 0, "a");
    expect([gauge.isSet, gauge.rejected]).toEqual([false, 1]);
  });
});

describe("rate", () => {
  it("counts any number but 0 as true", () => {
    const rate = new Rate();
    for (const value of [1, 0, -2, 0.5, Number.NaN]) rate.record(value);
    expect([rate.passes, rate.fails, rate.rejected]).toEqual([3, 1, 1]);
  });
});

describe("trend", () => {
  it("rejects negative and non-finite values and counts them", () => {
    const trend = new Trend();
    for (const value of [-1, -0.0001, Number.NaN, Infinity, 5]) trend.record(value, 1000);
    expect([trend.count, trend.rejected, trend.min]).toEqual([1, 4, 5000]);
  });

  it("clamps values beyond the layout and counts them as saturated", () => {
    const trend = new Trend();
    trend.record(HIGHEST_TRACKABLE + 1, 1);
    trend.record(HIGHEST_TRACKABLE, 1);
    expect([trend.count, trend.saturated, trend.max]).toEqual([2, 1, HIGHEST_TRACKABLE]);
  });

  it("never reports a quantile beyond its greatest value", () => {
    const trend = new Trend();
    trend.record(1_000_001, 1);
    expect(trend.quantile(99)).toBe(1_000_001);
  });
});

describe("rank", () => {
  it.each([
    [7, 100, 7],
    [99.9, 1000, 999],
    [0, 10, 1],
    [100, 10, 10],
    [95, 19, 19],
    [14.7, 1000, 147],
  ])("of p(%d) in %d samples is %d", (percent, count, rank) => {
    expect(rankOf(percent, count)).toBe(rank);
  });
});

describe("series", () => {
  const series = { metric: "m", kind: "trend", unit: "time", tags: { b: "2", "10": "x", a: '"é' } } as const;

  it("has one canonical form whatever the order of its tags", () => {
    const canonical = '{"kind":"trend","metric":"m","tags":{"10":"x","a":"\\"é","b":"2"},"unit":"time"}';
    expect(canonicalSeries(series)).toBe(canonical);
    expect(canonicalSeries({ ...series, tags: { a: '"é', "10": "x", b: "2" } })).toBe(canonical);
    expect(parseCanonical(canonical)).toEqual(series);
    expect(parseCanonical(canonical.replace('"b":"2"', '"b": "2"'))).toBeUndefined();
  });

  it("is named by the first 8 bytes of the SHA-256 of that form", () => {
    const hash = createHash("sha256").update(canonicalSeries(series)).digest("hex");
    expect(seriesIdText(seriesIdOf(series))).toBe(hash.slice(0, 16));
  });
});
