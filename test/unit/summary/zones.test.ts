/** The zones of a run beside each other: their figures from root's log, and the table of them. */
import { describe, expect, it } from "vitest";
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { documentOf } from "./fixture.ts";

/** One window of an agent: requests take `ms`, the first of them fails; an iteration has two. */
function frameOf(agent: string, tags: Record<string, string>, ms: number, requests: number): Uint8Array {
  const recorder = new Recorder(agent, tags, { elapsedUs: () => 1000 });
  const add = (name: string, value: number) => recorder.add(recorder.series(builtin(name), {}), value);
  for (let n = 0; n < 4; n += 1) {
    add("iterations", 1);
    add("iteration_duration", 3000 * ms);
  }
  for (let n = 0; n < requests; n += 1) {
    add("http_reqs", 1);
    add("http_req_failed", n === 0 ? 1 : 0);
    add("http_req_duration", 1000 * ms);
  }
  return recorder.close(0, { final: true, health: [] });
}

const zones = ["eu", "us", "ap"];

function figuresOf(frames: readonly Uint8Array[], count = 3, byZone = true) {
  const children = ["a.1", "b.1"];
  const merger = new IntervalMerger({ source: "root.1", windowMs: 1000, latenessMs: 500, children });
  for (const frame of frames) merger.offer(frame, 0);
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: [], byZone });
  for (const window of merger.due(1e6)) metrics.add(merger.close(window));
  return metrics.zones?.summary(zones.slice(0, count));
}

const two = (requests: number) => [
  frameOf("a.1", { zone: "eu" }, 10, requests),
  frameOf("b.1", { zone: "us" }, 400, requests),
];

describe("figures of zones", () => {
  it("are each zone's own, in the plan's order, also of one that sent nothing", () => {
    const { zones: all = {} } = figuresOf(two(8)) ?? {};
    expect(Object.keys(all)).toEqual(["eu", "us", "ap"]);
    expect(all).toEqual({
      eu: { iterations: 4, requests: 8, failed: 0.125, p95Ms: 10 },
      us: { iterations: 4, requests: 8, failed: 0.125, p95Ms: 400 },
      ap: { iterations: 0, requests: 0 },
    });
  });

  it("time the iterations where nobody sent a request", () => {
    expect(figuresOf(two(0), 2)).toEqual({
      zones: {
        eu: { iterations: 4, requests: 0, p95Ms: 30 },
        us: { iterations: 4, requests: 0, p95Ms: 1200 },
      },
    });
  });

  it("are none in a run of one zone, or where no series says in which it was taken", () => {
    expect(figuresOf(two(8), 1)).toEqual({});
    expect(figuresOf([frameOf("a.1", {}, 1, 1), frameOf("b.1", {}, 1, 1)])).toEqual({});
    expect(figuresOf(two(8), 3, false)).toBeUndefined();
  });
});

describe("the table of zones", () => {
  const tableOf = (of: SummaryDocument["zones"], columns?: number) => {
    const text = renderSummary({ ...documentOf(), ...(of === undefined ? {} : { zones: of }) }, { columns });
    return /█ ZONES\n\n([^]*?)\n\n/.exec(text)?.[1]?.split("\n");
  };
  const slow = {
    eu: { iterations: 1200, requests: 2400, failed: 0, p95Ms: 12.34 },
    "us-west": { iterations: 1180, requests: 2360, failed: 0.01, p95Ms: 412.5 },
    ap: { iterations: 0, requests: 0 },
  };

  it("has a line for each zone", () => {
    expect(tableOf(slow)).toEqual([
      "    zone     iterations  requests  failed  request p(95)",
      "    eu             1200      2400   0.00%        12.34ms",
      "    us-west        1180      2360   1.00%        412.5ms",
      "    ap                0         0       –              –",
    ]);
  });

  it("says so when it is the iterations that are timed", () => {
    const [eu, us] = [10, 1200].map((p95Ms) => ({ iterations: 40, requests: 0, p95Ms }));
    expect(tableOf({ eu, us } as NonNullable<SummaryDocument["zones"]>)).toEqual([
      "    zone  iterations  iteration p(95)",
      "    eu            40             10ms",
      "    us            40             1.2s",
    ]);
  });

  it("fits a narrow page, and is not there without zones", () => {
    for (const line of tableOf(slow, 40) ?? ["x".repeat(99)]) expect(line.length).toBeLessThanOrEqual(40);
    expect(tableOf(undefined)).toBeUndefined();
  });
});
