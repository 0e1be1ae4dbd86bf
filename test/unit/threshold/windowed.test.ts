/** Thresholds with a timeframe, second by second of root's log: when they are breached, and what they say they saw. */
import { describe, expect, it } from "vitest";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import { AbortWatch, causeOfBreach } from "../../../src/domain/threshold/abort-watch.ts";
import { WindowedThresholds } from "../../../src/domain/threshold/windowed.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { planOf } from "../plan/request.ts";
import { frameOf, type Samples } from "./fixture.ts";

const LOAD = { vus: 1, duration: "1h" };

/** The fold of a log, as root, live view and replay have it. */
function folding(options: object) {
  const plan: Plan = planOf({ ...LOAD, ...options });
  const { thresholds } = plan;
  const windowed = new WindowedThresholds(plan);
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: Object.keys(thresholds), windowed });
  const watch = new AbortWatch(plan);
  const [metric = "", [{ threshold } = { threshold: "" }] = []] = Object.entries(thresholds)[0] ?? [];
  let number = 0;
  const see = (window: number, samples: Samples, tags: Record<string, string> = {}) => {
    const head = { number: number++, window };
    metrics.add(frameOf(head.number, window, samples, tags));
    return watch.judge(metrics, head);
  };
  const standing = (atEnd = false) => windowed.standing(metric, threshold, atEnd);
  return { plan, see, standing, breach: () => windowed.breach(metric, threshold) };
}

const durations = (...ms: readonly number[]): Samples => ({ http_req_duration: ms });
const one = (threshold: string) => folding({ thresholds: { http_req_duration: threshold } });

/** A window for each figure; undefined has no sample. The first window at which it is breached. */
function firstBreach(threshold: string, figures: readonly (number | undefined)[]) {
  const { breach, see } = one(threshold);
  for (const [window, ms] of figures.entries()) {
    see(window, durations(...(ms === undefined ? [] : [ms])));
    const seen = breach();
    if (seen !== undefined) return { at: window, windows: seen.frame.windows, observed: seen.observed };
  }
  return undefined;
}

describe("for", () => {
  it("is breached when the condition was false in so many seconds in a row", () => {
    expect(firstBreach("max<300 for 3s", [400, 400, 500])).toEqual({ at: 2, windows: [0, 2], observed: 500 });
    expect(firstBreach("max<300 for 3s", [1, 400, 400, 500])).toMatchObject({ at: 3, windows: [1, 3] });
    expect(firstBreach("max<300 for 3s", [400, 400])).toBeUndefined();
  });

  it("starts anew after one good second", () => {
    expect(firstBreach("max<300 for 3s", [400, 400, 299, 400, 400, 299])).toBeUndefined();
    expect(firstBreach("max<300 for 3s", [400, 400, 299, 400, 400, 300])).toMatchObject({ windows: [3, 5] });
  });

  it("is neither broken nor prolonged by seconds without data", () => {
    expect(firstBreach("max<300 for 3s", [400, undefined, undefined, 400])).toBeUndefined();
    expect(firstBreach("max<300 for 3s", [400, undefined, 400, undefined, 400])).toEqual({
      at: 4,
      windows: [0, 4],
      observed: 400,
    });
  });

  it("looks at whole seconds, also where windows are shorter", () => {
    const thresholds = { http_req_duration: [{ threshold: "max<300 for 2s", abortOnFail: true }] };
    const { plan, see } = folding({ thresholds });
    expect(plan.windowMs).toBe(200);
    // Each second has a good window and a bad one: by its maximum it is bad.
    for (let window = 0; window < 9; window += 1)
      expect(see(window, durations(window % 2 === 0 ? 400 : 1))).toBeUndefined();
    expect(see(9, durations(1))).toMatchObject({ interval: 9, window: 9, windows: [0, 9], observed: 400 });
  });
});

describe("within", () => {
  it("looks at the last so many seconds, and at less while no more have passed", () => {
    expect(firstBreach("avg<300 within 3s", [400])).toEqual({ at: 0, windows: [0, 0], observed: 400 });
    expect(firstBreach("avg<300 within 3s", [100, 100, 600, 600])).toMatchObject({
      at: 3,
      windows: [1, 3],
      observed: 1300 / 3,
    });
  });

  it("forgets what is older", () => {
    expect(firstBreach("max<300 within 2s", [1, 1, 1, 1])).toBeUndefined();
    expect(firstBreach("avg<300 within 2s", [500, 1, 1, 300, 300])).toMatchObject({ at: 0 });
    expect(firstBreach("avg<300 within 2s", [100, 498, 1, 300, 299])).toBeUndefined();
  });
});

describe("over", () => {
  it("judges once the whole timeframe has passed", () => {
    expect(firstBreach("avg<300 over 3s", [900, 900])).toBeUndefined();
    expect(firstBreach("avg<300 over 3s", [900, 1, 1])).toEqual({
      at: 2,
      windows: [0, 2],
      observed: 902 / 3,
    });
    expect(firstBreach("avg<300 over 3s", [800, 1, 1, 1, 1])).toBeUndefined();
  });

  it("has no data where the run was shorter, and then it is not kept", () => {
    const { see, standing } = one("avg<300 over 3s");
    for (const window of [0, 1]) see(window, durations(1));
    expect(standing(true)).toMatchObject({ judgement: "no data", seen: undefined });
    see(2, durations(2));
    expect(standing(true)).toMatchObject({ judgement: "pass", seen: { observed: 4 / 3 } });
  });
});

describe("a threshold with a timeframe", () => {
  it("stays breached, whatever is good again", () => {
    const { see, standing } = one("max<300 within 1s");
    see(0, durations(400));
    for (let window = 1; window < 100; window += 1) see(window, durations(1));
    expect(standing()).toMatchObject({ judgement: "fail", seen: { observed: 400, frame: { toMs: 1000 } } });
  });

  it("shows the figure nearest to its limit while it is kept, and what it saw last", () => {
    const { see, standing } = one("max<300 within 2s");
    for (const [window, ms] of [1, 250, 3, 4].entries()) see(window, durations(ms));
    expect(standing()).toEqual({
      judgement: "pass",
      seen: { observed: 250, frame: { windows: [0, 1], fromMs: 0, toMs: 2000 } },
      latest: { observed: 4, frame: { windows: [2, 3], fromMs: 2000, toMs: 4000 } },
    });
  });

  it("ends the run at its first breach, with the windows and the figure as evidence", () => {
    const thresholds = {
      "http_req_duration{zone:local}": [{ threshold: "p(99)<300 within 2s", abortOnFail: true }],
    };
    const { see } = folding({ thresholds });
    const elsewhere = { zone: "other" };
    for (let window = 0; window < 9; window += 1)
      expect(see(window, durations(window % 2 === 0 ? 900 : 1), elsewhere)).toBeUndefined();
    see(9, durations(299), { zone: "local" });
    for (let window = 10; window < 14; window += 1) see(window, durations(412), { zone: "local" });
    const evidence = see(14, durations(412), { zone: "local" });
    expect(evidence).toEqual({
      interval: 14,
      window: 14,
      metric: "http_req_duration{zone:local}",
      threshold: "p(99)<300 within 2s",
      observed: 412,
      windows: [5, 14],
    });
    expect(evidence && causeOfBreach(evidence).message).toBe(
      "http_req_duration{zone:local} was 412, must be p(99)<300 within 2s (windows 5 to 14)",
    );
  });

  it("counts no breach that ends before its delay is over", () => {
    const thresholds = {
      http_req_duration: [{ threshold: "max<300 for 2s", abortOnFail: false, delayAbortEval: "4s" }],
    };
    const warm = folding({ thresholds });
    for (const [window, ms] of [400, 400, 400, 400, 1].entries()) warm.see(window, durations(ms));
    expect(warm.standing()).toMatchObject({ judgement: "pass", seen: { observed: 1 } });
    const hot = folding({ thresholds });
    for (let window = 0; window < 5; window += 1) hot.see(window, durations(400));
    expect(hot.breach()).toMatchObject({ frame: { windows: [3, 4] } });
  });

  it("counts late data where they belong", () => {
    const { breach, see } = one("max<300 for 3s");
    for (const [window, ms] of [400, 1, 400, 400].entries())
      see(window, durations(...(window === 1 ? [] : [ms])));
    expect(breach()).toMatchObject({ frame: { windows: [0, 3] } });

    const late = one("max<300 for 3s");
    for (const [window, ms] of [1, 400, 1, 400, 1].entries())
      late.see(window, durations(...(window === 2 ? [] : [ms])));
    expect(late.breach()).toBeUndefined();
    late.see(2, durations(400));
    expect(late.breach()).toMatchObject({ observed: 400, frame: { windows: [1, 3] } });
  });

  it("has late data only in the totals once they are more than five minutes late", () => {
    const { breach, see } = one("max<300 within 10s");
    for (let window = 0; window < 400; window += 1) see(window, durations(1));
    see(89, durations(400));
    expect(breach()).toBeUndefined();
    see(99, durations(400));
    expect(breach()).toMatchObject({ frame: { windows: [90, 99] } });
  });

  it("looks at a last second that is not over when the run is, and not at what comes after the planned load", () => {
    const thresholds = { http_req_duration: [{ threshold: "max<300 within 5s", abortOnFail: true }] };
    const { see, standing } = folding({ thresholds });
    for (let window = 0; window < 7; window += 1) see(window, durations(window === 6 ? 400 : 1));
    expect(standing()).toMatchObject({ judgement: "pass" });
    expect(standing(true)).toMatchObject({
      judgement: "fail",
      seen: { observed: 400, frame: { windows: [0, 6], toMs: 1400 } },
    });
    expect(standing()).toMatchObject({ judgement: "pass" });

    const over = folding({ duration: "2s", thresholds: { http_req_duration: "max<300 within 1s" } });
    for (const [window, ms] of [1, 1, 400].entries()) over.see(window, durations(ms));
    expect(over.standing(true)).toMatchObject({ judgement: "pass" });
  });

  it("has a counter count nothing once it has counted, and divides it by the time it looks at", () => {
    const { breach, see } = folding({ thresholds: { http_reqs: "rate>=4 for 2s" } });
    see(0, {});
    see(1, { http_reqs: [1, 1, 1, 1] });
    see(2, {});
    expect(breach()).toBeUndefined();
    see(3, {});
    expect(breach()).toMatchObject({ observed: 0, frame: { windows: [2, 3] } });

    const late = folding({ thresholds: { http_reqs: "count>0 for 2s" } });
    for (const window of [0, 1, 2]) late.see(window, {});
    late.see(3, { http_reqs: [1] });
    expect(late.breach()).toBeUndefined();
    late.see(0, { http_reqs: [1] });
    expect(late.breach()).toMatchObject({ observed: 0, frame: { windows: [1, 2] } });

    const slide = folding({ thresholds: { http_reqs: "rate>=2 over 2s" } });
    for (let window = 0; window < 4; window += 1) slide.see(window, { http_reqs: [1, 1] });
    expect(slide.standing()).toMatchObject({ judgement: "pass", seen: { observed: 2 } });
    slide.see(4, { http_reqs: [1] });
    expect(slide.breach()).toMatchObject({ observed: 1.5 });
  });

  it("may speak of checks by name, of groups, of expected responses and of VUs", () => {
    const cases: readonly [string, string, Samples, Record<string, string>][] = [
      ["checks{check:status is 200}", "rate>0.9", { checks: [0] }, { check: "status is 200" }],
      ["group_duration{group:::checkout}", "max<10", { group_duration: [20] }, { group: "::checkout" }],
      [
        "http_req_duration{expected_response:true}",
        "max<10",
        { http_req_duration: [20] },
        { expected_response: "true" },
      ],
      ["vus", "value<2", { vus_initialised: [3], vus_added: [3], vus_removed: [] }, {}],
    ];
    for (const [metric, condition, samples, tags] of cases) {
      const { breach, see } = folding({ thresholds: { [metric]: `${condition} for 1s` } });
      see(0, {}, {});
      expect(breach(), metric).toBeUndefined();
      see(1, samples, tags);
      expect(breach(), metric).toMatchObject({ frame: { windows: [1, 1] } });
    }
  });
});
