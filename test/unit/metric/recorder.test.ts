/** The recorder: what leaves with a window, and what happens past the limit of series. */
import { describe, expect, it } from "vitest";
import { decodeInterval } from "../../../src/domain/interval/codec.ts";
import type { IntervalFrame } from "../../../src/domain/interval/frame.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import type { Cell } from "../../../src/domain/metric/cell.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";
import { Recorder } from "../../../src/engine/recorder.ts";

const CLOSE = { final: false, health: [] };

function cellOf(frame: IntervalFrame, metric: string, tags: Record<string, string>): Cell | undefined {
  const { kind, unit } = builtin(metric);
  const id = seriesIdOf({ metric, kind, unit, tags });
  return frame.series.find((series) => series.id === id)?.cell;
}

describe("recorder", () => {
  it("sends what was touched since the last close, and a definition once", () => {
    const recorder = new Recorder("a.1/w0", { scenario: "s" });
    const requests = recorder.series(builtin("http_reqs"), {});
    const duration = recorder.series(builtin("http_req_duration"), {});
    recorder.add(duration, 1234);
    const first = decodeInterval(recorder.close(0, CLOSE));
    recorder.add(requests, 2);
    const second = decodeInterval(recorder.close(1, { ...CLOSE, final: true }));

    expect(first.definitions.map(({ metric }) => metric).toSorted()).toEqual([
      "http_req_duration",
      "http_reqs",
    ]);
    expect(cellOf(first, "http_req_duration", { scenario: "s" })).toMatchObject({ count: 1, min: 1234 });
    expect(second.definitions).toEqual([]);
    expect(second.series).toHaveLength(1);
    expect(cellOf(second, "http_reqs", { scenario: "s" })).toMatchObject({ value: 2 });
    expect(second.head).toMatchObject({ source: "a.1/w0", number: 1, window: 1, final: true });
    expect(recorder.intervals).toBe(2);
  });

  it("gives a counter that was only declared the value 0, so that a threshold on it has data", () => {
    const recorder = new Recorder("a.1/w0", {});
    recorder.series({ name: "errors", kind: "counter", unit: "default" }, {});
    recorder.series({ name: "waits", kind: "trend", unit: "time" }, {});
    const { series } = decodeInterval(recorder.close(0, CLOSE));
    expect(series.map(({ cell }) => cell.kind)).toEqual(["counter"]);
  });

  it("returns the same handle for the same tags in any order", () => {
    const recorder = new Recorder("a.1/w0", {});
    const handle = recorder.series(builtin("http_reqs"), { a: "1", b: "2" });
    expect(recorder.series(builtin("http_reqs"), { b: "2", a: "1" })).toBe(handle);
    expect(recorder.series(builtin("http_reqs"), { b: "2", a: "2" })).not.toBe(handle);
  });

  it("folds further tag sets into __other__ with exact totals, keeping the scenario", () => {
    const recorder = new Recorder("a.1/w0", { zone: "z" }, { seriesPerMetricMax: 3 });
    for (let user = 0; user < 10; user += 1) {
      recorder.add(recorder.series(builtin("http_reqs"), { scenario: "s", user: String(user) }), 1);
    }
    const frame = decodeInterval(recorder.close(0, CLOSE));
    const other = { zone: "z", scenario: "s", user: "__other__" };
    expect(cellOf(frame, "http_reqs", other)).toMatchObject({ value: 7 });
    expect(cellOf(frame, "series_folded", { zone: "z", metric: "http_reqs", tag: "user" })).toMatchObject({
      value: 7,
    });
    expect(frame.series).toHaveLength(5);
  });

  it("stays bounded when the report of folding is itself past the limit", () => {
    const recorder = new Recorder("a.1/w0", {}, { seriesPerMetricMax: 1 });
    for (let index = 0; index < 20; index += 1) {
      const metric = { name: `m${index % 4}`, kind: "rate", unit: "default" } as const;
      recorder.add(recorder.series(metric, { index: String(index) }), 1);
    }
    expect(decodeInterval(recorder.close(0, CLOSE)).series.length).toBeLessThanOrEqual(10);
  });

  it("stamps gauges with the run's time", () => {
    let nowUs = 5;
    const recorder = new Recorder("a.1/w0", {}, { elapsedUs: () => nowUs });
    const vus = recorder.series(builtin("vus"), {});
    recorder.add(vus, 10);
    nowUs = 3;
    recorder.add(vus, 7);
    const frame = decodeInterval(recorder.close(0, CLOSE));
    expect(cellOf(frame, "vus", {})).toMatchObject({ values: { value: 10, min: 7, max: 10 } });
  });
});
