/** The threshold grammar, the selector, and judging. */
import { describe, expect, it } from "vitest";
import { Counter } from "../../../src/domain/metric/counter.ts";
import { Gauge } from "../../../src/domain/metric/gauge.ts";
import { Rate } from "../../../src/domain/metric/rate.ts";
import { Trend } from "../../../src/domain/metric/trend.ts";
import { evaluateThreshold, keptAtEnd } from "../../../src/domain/threshold/evaluate.ts";
import {
  methodProblem,
  parseThreshold,
  type ThresholdExpression,
} from "../../../src/domain/threshold/parse.ts";
import { parseMetricSelector, selects, selectorText } from "../../../src/domain/threshold/selector.ts";

function parsed(text: string): ThresholdExpression {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(result.message);
  return result;
}

const refused = (text: string) => {
  const result = parseThreshold(text);
  return result.ok ? "accepted" : result.message;
};

describe("parseThreshold", () => {
  it.each([
    ["p(95)<500", { name: "p", percent: 95 }, "<", 500],
    ["p(99.9) <= 1.5", { name: "p", percent: 99.9 }, "<=", 1.5],
    [" rate >=0.99 ", { name: "rate" }, ">=", 0.99],
    ["count===100", { name: "count" }, "===", 100],
    ["value!=-3e2", { name: "value" }, "!=", -300],
    ["med>.5", { name: "med" }, ">", 0.5],
    ["p(0)>0", { name: "p", percent: 0 }, ">", 0],
    ["p(100)==1", { name: "p", percent: 100 }, "==", 1],
  ])("reads %j", (text, method, operator, limit) => {
    expect(parsed(text)).toMatchObject({ method, operator, limit });
  });

  it.each([
    ["p<500", /p\(N\) with N from 0 to 100/],
    ["p(101)<500", /p\(N\) with N from 0 to 100/],
    ["p(-1)<500", /p\(N\) with N from 0 to 100/],
    ["p(NaN)<500", /p\(N\) with N from 0 to 100/],
    ["p()<500", /p\(N\) with N from 0 to 100/],
    ["mean<500", /"mean" is not a method; there are count, rate, value, avg, min, max, med, p\(N\)/],
    ["avg(5)<500", /"avg" takes no argument/],
    ["avg<fast", /"fast" is not a number/],
    ["avg<0x10", /"0x10" is not a number/],
    ["avg=500", /expected a method .* then <, <=, >, >=, ==, === or !=, then a number/],
    ["", /expected a method/],
    ["p(95)<500 && avg<3", /is not a threshold/],
  ])("refuses %j and says what is allowed", (text, message) => {
    expect(refused(text)).toMatch(message);
  });

  it.each([
    ["p(99)<300 for 10s", "for", 10],
    ["rate < 0.01 within 1m30s", "within", 90],
    [" avg<5  over  10m ", "over", 600],
    ["count>0 for 2000ms", "for", 2],
  ])("reads the timeframe of %j", (text, logic, seconds) => {
    expect(parsed(text).timeframe).toEqual({ logic, seconds });
    expect(parsed(text.split(/for|within|over/)[0] as string).timeframe).toBeUndefined();
  });

  it("refuses timeframes that are none, each with one clear message", () => {
    const wrong = [
      "for 10s",
      "p(99)<300 for",
      "p(99)<300 for 10",
      "p(99)<300 for 0s",
      "p(99)<300 during 10s",
      "p(99)<300 for 11m",
      "p(99)<300 for 1500ms",
      "p(99)<300 for ten",
      "p(99)<300 for 10s please",
      "p(99)<300 10s",
      "p(99)<300 for -5s",
      "p(99)<300for 10s",
      "mean<1 for 10s",
    ];
    expect(wrong.map(refused)).toMatchInlineSnapshot(`
      [
        ""for 10s" is not a threshold: a timeframe needs a condition before it, as in "p(99)<300 for 10s"",
        ""p(99)<300 for" is not a threshold: "for" needs a time, as in "p(99)<300 for 10s"",
        ""p(99)<300 for 10" is not a threshold: "10" has no unit: write 10s for seconds",
        ""p(99)<300 for 0s" is not a threshold: a timeframe is a whole number of seconds from 1s to 10m, not 0s",
        ""p(99)<300 during 10s" is not a threshold: "during" may not follow a condition; for, within, over may, as in "p(99)<300 for 10s"",
        ""p(99)<300 for 11m" is not a threshold: a timeframe is a whole number of seconds from 1s to 10m, not 11m",
        ""p(99)<300 for 1500ms" is not a threshold: a timeframe is a whole number of seconds from 1s to 10m, not 1500ms",
        ""p(99)<300 for ten" is not a threshold: "ten" is not a time; write 10s, 90s or 1m30s",
        ""p(99)<300 for 10s please" is not a threshold: nothing may follow the time: "please"",
        ""p(99)<300 10s" is not a threshold: "10s" may not follow a condition; for, within, over may, as in "p(99)<300 for 10s"",
        ""p(99)<300 for -5s" is not a threshold: "-5s" is not a time; write 10s, 90s or 1m30s",
        ""p(99)<300for 10s" is not a threshold: "300for" is not a number",
        ""mean<1 for 10s" is not a threshold: "mean" is not a method; there are count, rate, value, avg, min, max, med, p(N)",
      ]
    `);
  });

  it("names the allowed methods when one does not fit the metric", () => {
    expect(methodProblem({ name: "p", percent: 95 }, "http_reqs", "counter")).toBe(
      '"http_reqs" is a counter, which has no p(N); it has count, rate',
    );
    expect(methodProblem({ name: "p", percent: 95 }, "http_req_duration", "trend")).toBeUndefined();
    expect(methodProblem({ name: "count" }, "http_req_duration", "trend")).toMatch(
      /avg, min, max, med, p\(N\)/,
    );
  });
});

describe("parseMetricSelector", () => {
  it.each([
    ["http_reqs", "http_reqs", {}],
    ["http_reqs{status:200}", "http_reqs", { status: "200" }],
    ['a{ x : 1 , y:\'b c\', "z":"d,e" }', "a", { x: "1", y: "b c", z: "d,e" }],
    ["a{name:http://h:80/p}", "a", { name: "http://h:80/p" }],
    ["a{group:::shop::cart}", "a", { group: "::shop::cart" }],
    ["a{empty:}", "a", { empty: "" }],
  ])("reads %j", (text, metric, tags) => {
    expect(parseMetricSelector(text)).toEqual({ ok: true, selector: { metric, tags } });
  });

  it.each(["", "a{", "a{}", "a{b}", "a{:c}", "a b", "a{b:c}d"])("refuses %j", (text) => {
    expect(parseMetricSelector(text)).toMatchObject({
      ok: false,
      message: expect.stringContaining(`"${text}"`),
    });
  });

  it("selects the series that have all its tags", () => {
    const selector = { metric: "m", tags: { b: "2", a: "1" } };
    const series = { metric: "m", kind: "counter", unit: "default" } as const;
    expect(selects(selector, { ...series, tags: { a: "1", b: "2", c: "3" } })).toBe(true);
    expect(selects(selector, { ...series, tags: { a: "1" } })).toBe(false);
    expect(selects(selector, { ...series, metric: "n", tags: { a: "1", b: "2" } })).toBe(false);
    expect(selectorText(selector)).toBe("m{a:1,b:2}");
  });
});

describe("evaluateThreshold", () => {
  it("judges a time trend in milliseconds", () => {
    const trend = new Trend();
    for (const us of [100_000, 200_000, 300_000]) trend.record(us, 1);
    expect(evaluateThreshold(parsed("avg<=200"), trend, 1000)).toEqual({ judgement: "pass", observed: 200 });
    expect(evaluateThreshold(parsed("max<300"), trend, 1000)).toEqual({ judgement: "fail", observed: 300 });
    expect(evaluateThreshold(parsed("min==100"), trend, 1000).judgement).toBe("pass");
  });

  it("judges counter, rate and gauge", () => {
    const counter = new Counter();
    counter.record(30);
    const rate = new Rate();
    for (const value of [1, 1, 1, 0]) rate.record(value);
    const gauge = new Gauge();
    gauge.record(-7, 1, "a");
    expect(evaluateThreshold(parsed("rate>=10"), counter, 3000)).toEqual({ judgement: "pass", observed: 10 });
    expect(evaluateThreshold(parsed("count<30"), counter, 3000).judgement).toBe("fail");
    expect(evaluateThreshold(parsed("rate>0.74"), rate, 0)).toEqual({ judgement: "pass", observed: 0.75 });
    expect(evaluateThreshold(parsed("value<0"), gauge, 0)).toEqual({ judgement: "pass", observed: -7 });
  });

  it("says no data instead of judging nothing, and that is not kept", () => {
    for (const cell of [undefined, new Trend(), new Rate(), new Gauge()]) {
      const method = cell?.kind === "gauge" ? "value" : cell?.kind === "rate" ? "rate" : "avg";
      const { judgement } = evaluateThreshold(parsed(`${method}<1`), cell, 1000);
      expect(judgement).toBe("no data");
      expect(keptAtEnd(judgement)).toBe(false);
    }
  });

  it("has a counter's rate over no time be 0, not infinite", () => {
    const counter = new Counter();
    counter.record(5);
    expect(evaluateThreshold(parsed("rate<1"), counter, 0)).toEqual({ judgement: "pass", observed: 0 });
  });
});
