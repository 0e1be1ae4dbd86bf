import { describe, expect, it } from "vitest";
import { emptyMark, markOf, quantilesSince } from "../../../src/domain/metric/trend-mark.ts";
import { Trend } from "../../../src/domain/metric/trend.ts";

const PERCENTS = [50, 95, 99];

/** A trend with these samples, on top of what it has. */
function add(trend: Trend, samples: readonly number[]): Trend {
  for (const sample of samples) trend.record(sample, 1);
  return trend;
}

const upTo = (count: number, factor = 1) => Array.from({ length: count }, (_, n) => (n + 1) * factor);

describe("the mark of a trend", () => {
  it("gives the quantiles of what came after it, as a trend of those samples alone would", () => {
    const trend = add(new Trend(), upTo(1000));
    const mark = markOf(trend);
    add(trend, upTo(300, 7));
    const alone = add(new Trend(), upTo(300, 7));
    expect(quantilesSince(trend, mark, PERCENTS)).toEqual(PERCENTS.map((percent) => alone.quantile(percent)));
  });

  it("of nothing gives the quantiles of all", () => {
    const trend = add(new Trend(), upTo(5000, 3));
    const whole = PERCENTS.map((percent) => trend.quantile(percent));
    expect(quantilesSince(trend, emptyMark, PERCENTS)).toEqual(whole);
  });

  it("knows no quantile when nothing came after it", () => {
    const trend = add(new Trend(), upTo(10));
    expect(quantilesSince(trend, markOf(trend), PERCENTS)).toEqual([]);
  });
});
