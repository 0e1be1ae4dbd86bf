/** The folded totals: k6's shapes, sub-metrics, checks tree, and a log that comes twice. */
import { describe, expect, it } from "vitest";
import { decodeInterval, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { metricsOf, rootLog } from "./fixture.ts";

describe("run metrics", () => {
  it("has k6's figures for each kind", () => {
    const metrics = metricsOf(rootLog()).metrics(2000);
    expect(metrics["http_reqs"]).toEqual({
      type: "counter",
      contains: "default",
      values: { count: 60, rate: 30 },
    });
    expect(metrics["http_req_failed"]?.values).toEqual({ rate: 0.1, passes: 6, fails: 54 });
    expect(metrics["vus"]).toEqual({
      type: "gauge",
      contains: "default",
      values: { value: 2, min: 2, max: 2 },
    });
    expect(metrics["data_received"]).toMatchObject({ contains: "data", values: { count: 60 * 1234 } });
    expect(metrics["http_req_duration"]).toMatchObject({
      type: "trend",
      contains: "time",
      values: { min: 1, max: 5.75, count: 60 },
    });
    expect(metrics["cart_size"]?.values).toMatchObject({ min: 0, max: 4.75 });
  });

  it("hides the ledger's counters", () => {
    expect(Object.keys(metricsOf(rootLog()).metrics(2000))).not.toContain("iterations_started");
  });

  it("has k6's own sub-metric and those that thresholds ask for", () => {
    const asked = "http_reqs{status:500}";
    const metrics = metricsOf(rootLog(), [asked, "http_req_duration{status:404}"]).metrics(2000);
    expect(metrics["http_req_duration{expected_response:true}"]?.values["count"]).toBe(54);
    expect(metrics[asked]?.values["count"]).toBe(6);
    expect(metrics["http_req_duration{status:404}"]).toBeUndefined();
  });

  it("has what was dropped as late as a part of what was dropped, when there was any", () => {
    const recorder = new Recorder("a.1", { scenario: "s" });
    recorder.add(recorder.series(builtin("dropped_iterations"), {}), 5);
    const frame = () => recorder.close(0, { final: false, health: [] });
    const metrics = metricsOf([frame()]);
    expect(Object.keys(metrics.metrics(1000))).not.toContain("dropped_iterations{reason:late}");
    recorder.add(recorder.series(builtin("dropped_iterations"), { reason: "late" }), 3);
    metrics.add(frame());
    const { dropped_iterations: all, "dropped_iterations{reason:late}": late } = metrics.metrics(1000);
    expect([all?.values["count"], late?.values["count"]]).toEqual([8, 3]);
    expect(metrics.scenarioCounts()["s"]?.dropped).toBe(8);
  });

  it("counts as errors no answers that the script expects", () => {
    const recorder = new Recorder("a.1", {});
    const answered = (status: number, expected: boolean) => {
      const tags = { status: String(status), error_code: String(1000 + status) };
      return recorder.series(builtin("http_reqs"), { ...tags, expected_response: String(expected) });
    };
    recorder.add(answered(404, true), 147);
    recorder.add(answered(404, false), 2);
    recorder.add(recorder.series(builtin("http_reqs"), { status: "0", error_code: "1212" }), 3);
    const metrics = metricsOf([recorder.close(0, { final: true, health: [] })]);
    expect(metrics.requestErrors()).toEqual({ 1212: 3, 1404: 2 });
  });

  it("gives a part of a counter that nothing fell into 0, and a part of a trend nothing", () => {
    const [counter, trend, unknown] = ["http_reqs{status:404}", "http_req_duration{status:404}", "nope{a:b}"];
    const metrics = metricsOf(rootLog(), [counter, trend, unknown]);
    expect(metrics.cell(counter)).toMatchObject({ kind: "counter", value: 0 });
    expect(metrics.cell(trend)).toBeUndefined();
    expect(metrics.cell(unknown)).toBeUndefined();
  });

  it("has the checks as a tree of groups, also groups without checks", () => {
    const root = metricsOf(rootLog()).rootGroup();
    expect(root).toMatchObject({ name: "", path: "", id: "d41d8cd98f00b204e9800998ecf8427e" });
    expect(root.checks).toMatchObject([{ name: "has a body", path: "::has a body", passes: 60, fails: 0 }]);
    expect(root.groups).toMatchObject([{ name: "shop", path: "::shop", checks: [] }]);
    expect(root.groups[0]?.groups).toMatchObject([
      {
        name: "cart",
        path: "::shop::cart",
        checks: [{ path: "::shop::cart::status is 200", passes: 54, fails: 6 }],
      },
    ]);
  });

  it("counts an interval that comes twice once", () => {
    const log = rootLog();
    const metrics = metricsOf([...log, ...log]);
    expect(metrics.metrics(2000)).toEqual(metricsOf(log).metrics(2000));
    expect(metrics.mismatches).toEqual([]);
    expect(metrics.log.windows).toMatchObject({ total: 2, complete: 2, partial: 0 });
  });

  it("says when the same child interval is inside twice", () => {
    const [first, second] = rootLog() as [Uint8Array, Uint8Array];
    const { head, series } = decodeInterval(second);
    const forged = { ...head, number: 2, adds: decodeInterval(first).head.adds };
    const metrics = metricsOf([first, second, encodeInterval(forged, definitionsOf([]), series)]);
    expect(metrics.mismatches).toEqual([
      "Intervals 0-0 of a.1 were added twice",
      "Intervals 0-0 of b.1 were added twice",
    ]);
  });

  it("keeps series whose definition comes later, and says so when it never comes", () => {
    const [first, second] = rootLog() as [Uint8Array, Uint8Array];
    expect(metricsOf([second, first]).metrics(2000)).toEqual(metricsOf([first, second]).metrics(2000));
    expect(metricsOf([second]).mismatches[0]).toMatch(/^Series [0-9a-f]{16} has no definition in the log$/);
  });

  it("reads the ledger's counters by scenario", () => {
    const counts = { started: 60, completed: 60, interrupted: 0, dropped: 0 };
    expect(metricsOf(rootLog()).scenarioCounts()).toEqual({ shoppers: counts });
  });
});
