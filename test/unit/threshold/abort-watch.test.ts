/** Thresholds that end a run: judged after each interval of root's log, in window numbers, and found once. */
import { describe, expect, it } from "vitest";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import { AbortWatch, causeOfBreach } from "../../../src/domain/threshold/abort-watch.ts";
import type { Threshold } from "../../../streams/schema/plan.ts";
import { frameOf, type Samples } from "./fixture.ts";

const WINDOW_MS = 200;

type Long = Partial<Threshold> & Pick<Threshold, "threshold">;
type Thresholds = Readonly<Record<string, readonly Long[]>>;
/** A fold and a watch over it, as root and a replay have them. */
function watching(thresholds: Thresholds, windowMs = WINDOW_MS) {
  const filled = Object.entries(thresholds).map(([metric, list]) => [
    metric,
    list.map((each) => ({ abortOnFail: true, delayAbortEvalMs: 0, ...each })),
  ]);
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: Object.keys(thresholds) });
  const watch = new AbortWatch({ thresholds: Object.fromEntries(filled), windowMs });
  let number = 0;
  return {
    watch,
    /** Folds the next interval and judges. */
    see: (window: number, samples: Samples, tags?: Record<string, string>) => {
      const head = { number: number++, window };
      metrics.add(frameOf(head.number, window, samples, tags));
      return watch.judge(metrics, head);
    },
  };
}

describe("abort watch", () => {
  it("finds the interval at which the run so far crosses a threshold", () => {
    const { see } = watching({ http_req_failed: [{ threshold: "rate<0.25" }] });
    expect(see(0, { http_req_failed: [0, 0, 0, 0] })).toBeUndefined();
    expect(see(1, { http_req_failed: [1] })).toBeUndefined(); // 1 of 5
    expect(see(2, { http_req_failed: [1] })).toEqual({
      interval: 2,
      window: 2,
      metric: "http_req_failed",
      threshold: "rate<0.25",
      observed: 2 / 6,
    });
  });

  it("holds on to the first breach, whatever is good again", () => {
    const { see, watch } = watching({ http_req_failed: [{ threshold: "rate<0.5" }] });
    const first = see(0, { http_req_failed: [1] });
    expect(see(1, { http_req_failed: [0, 0, 0, 0, 0, 0] })).toBe(first);
    expect(watch.breach).toBe(first);
  });

  it("says nothing of thresholds that do not end the run", () => {
    const { see } = watching({ http_req_failed: [{ threshold: "rate<0.5", abortOnFail: false }] });
    expect(see(0, { http_req_failed: [1, 1] })).toBeUndefined();
  });

  it("decides nothing without data: no samples, no samples of the part, a counter that counted nothing", () => {
    const { see } = watching({
      http_req_failed: [{ threshold: "rate>2" }],
      "http_req_duration{status:500}": [{ threshold: "avg<0" }],
      iterations: [{ threshold: "count>5" }],
      "http_reqs{status:500}": [{ threshold: "count>5" }],
      vus: [{ threshold: "value>5" }],
    });
    expect(
      see(0, { iterations: [], http_reqs: [], http_req_duration: [1] }, { status: "200" }),
    ).toBeUndefined();
    expect(see(1, { http_reqs: [1] }, { status: "200" })).toBeUndefined();
    expect(see(2, { iterations: [1] })).toMatchObject({ metric: "iterations", observed: 1 });
  });

  it("judges a part of a metric by its tags", () => {
    const { see } = watching({ "http_req_duration{status:500}": [{ threshold: "max<100" }] });
    expect(see(0, { http_req_duration: [900] }, { status: "200" })).toBeUndefined();
    expect(see(1, { http_req_duration: [101] }, { status: "500" })).toMatchObject({ observed: 101 });
  });

  it("divides a counter by the windows that have passed, also those that nothing fell into", () => {
    const { see } = watching({ http_reqs: [{ threshold: "rate<50" }] });
    expect(see(4, { http_reqs: Array.from({ length: 40 }, () => 1) })).toBeUndefined(); // 40 in 1 s
    expect(see(5, { http_reqs: Array.from({ length: 20 }, () => 1) })).toMatchObject({ observed: 50 }); // 60 in 1.2 s
  });

  it("counts late data into the time that has passed, and names the window that they belong to", () => {
    const { see } = watching({
      http_reqs: [{ threshold: "rate<50" }],
      http_req_failed: [{ threshold: "rate<1" }],
    });
    expect(see(9, { http_reqs: Array.from({ length: 50 }, () => 1) })).toBeUndefined();
    const late = see(2, { http_req_failed: [1], http_reqs: [1] });
    expect(late).toMatchObject({ interval: 1, window: 2, metric: "http_req_failed" });
  });

  it.each([
    [0, 0],
    [1, 0],
    [199, 0],
    [200, 1],
    [1000, 5],
    [1001, 5],
  ])(
    "with a delay of %i ms judges first after window %i: when less than what has passed",
    (delayAbortEvalMs, first) => {
      const { see } = watching({ http_req_failed: [{ threshold: "rate<0.5", delayAbortEvalMs }] });
      for (let window = 0; window < first; window += 1) {
        expect(see(window, { http_req_failed: [1] }), `window ${window}`).toBeUndefined();
      }
      expect(see(first, { http_req_failed: [1] })).toMatchObject({ window: first });
    },
  );

  it("takes the first in the plan's order where several are crossed at once", () => {
    const thresholds = {
      http_req_failed: [{ threshold: "rate<0.9" }, { threshold: "rate<0.5" }],
      http_req_duration: [{ threshold: "p(95)<1" }],
    };
    const { see } = watching(thresholds);
    expect(see(0, { http_req_duration: [7], http_req_failed: [1] })).toMatchObject({ threshold: "rate<0.9" });
  });
});

describe("cause of a breach", () => {
  const evidence = { interval: 14, window: 12, metric: "http_req_failed", threshold: "rate<0.01" };
  it("says what was seen, and what must be", () => {
    expect(causeOfBreach({ ...evidence, observed: 0.034 })).toEqual({
      kind: "threshold",
      message: "http_req_failed was 0.034, must be rate<0.01 (window 12)",
      by: "",
    });
  });

  it("never rounds a figure to the good side", () => {
    const close = { ...evidence, threshold: "rate<=0.01", observed: 0.010_000_01 };
    expect(causeOfBreach(close).message).toContain("was 0.01000001,");
    expect(causeOfBreach({ ...evidence, observed: 1 / 3 }).message).toContain("was 0.3333,");
  });
});
