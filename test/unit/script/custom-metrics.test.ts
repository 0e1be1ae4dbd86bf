import { describe, expect, it } from "vitest";
import { decodeInterval } from "../../../src/domain/interval/codec.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import type { CustomMetric } from "../../../src/script/api.ts";
import { valuesOf } from "../../../src/domain/summary/metric-values.ts";
import { declareMetric, metricClasses } from "../../../src/script/custom-metrics.ts";
import { InFlight } from "../../../src/script/in-flight.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import { type Phase, VuState } from "../../../src/script/vu-state.ts";
import { workerSettings } from "../../support/worker-settings.ts";

/** A VU whose samples go into a recorder, and what its script's author is told. */
function newVu() {
  const recorder = new Recorder("a.1/w0", { zone: "eu" });
  const told: string[] = [];
  const sink = {
    nowUs: () => 0,
    series: recorder.series.bind(recorder),
    add: recorder.add.bind(recorder),
    refusedTag: (name: string) => void told.push(`tag ${name}`),
  };
  const mistake = (_topic: string, message: string) => void told.push(message);
  const settings = workerSettings({ sink, mistake });
  const identity = { idInTest: 1, idInInstance: 1, scenario: "", executor: "" as const, scenarioStartMs: 0 };
  const vu = new VuState(settings, identity, new TagScope(sink, {}));
  return { vu, told, recorder, classes: metricClasses(vu, new Map()) };
}

describe("a custom metric", () => {
  it("is the same for every VU that declares it", () => {
    const known = new Map();
    expect(declareMetric(known, "basket", "trend", true)).toBe(declareMetric(known, "basket", "trend", true));
  });

  it.each([
    ["basket", "counter", false, /is a trend already; it cannot be a counter/],
    ["basket", "trend", false, /cannot be a trend \(default\) too/],
    ["http_reqs", "counter", false, /is built in/],
    ["9lives", "counter", false, /must be letters/],
    ["a-b", "counter", false, /must be letters/],
  ] as const)("named %s as %s (time: %s) is refused", (name, kind, isTime, message) => {
    const known = new Map();
    declareMetric(known, "basket", "trend", true);
    expect(() => declareMetric(known, name, kind, isTime)).toThrow(message);
  });
});

describe("a sample", () => {
  it.each([
    ["Counter", Number.NaN, "m.add(NaN): a counter takes finite numbers up to 10^12"],
    ["Counter", -Infinity, "m.add(-Infinity): a counter takes finite numbers up to 10^12"],
    ["Counter", 2e12, "m.add(2000000000000): a counter takes finite numbers up to 10^12"],
    ["Counter", "3", 'm.add("3"): a counter takes finite numbers up to 10^12'],
    ["Counter", undefined, "m.add(undefined): a counter takes finite numbers up to 10^12"],
    ["Gauge", Number.NaN, "m.add(NaN): a gauge takes finite numbers up to 2 × 10^12"],
    ["Gauge", 1e300, "m.add(1e+300): a gauge takes finite numbers up to 2 × 10^12"],
    ["Rate", Number.NaN, "m.add(NaN): a rate takes true, false and numbers"],
    ["Rate", "yes", 'm.add("yes"): a rate takes true, false and numbers'],
    ["Trend", -1, "m.add(-1): a trend takes finite numbers that are not negative"],
    ["Trend", Number.NaN, "m.add(NaN): a trend takes finite numbers that are not negative"],
  ] as const)("of a %s that is %s is rejected and told, and the next one counts", (kind, value, message) => {
    const { vu, told, recorder, classes } = newVu();
    const metric: CustomMetric = new classes[kind]("m");
    vu.phase = "iteration";
    metric.add(value as number);
    metric.add(1);
    expect(told).toEqual([expect.stringContaining(message)]);
    const [series] = decodeInterval(recorder.close(0, { final: true, health: [] })).series;
    expect(series?.cell.rejected).toBe(1);
    const { cell } = series ?? {};
    const taken = cell?.kind === "gauge" ? cell.values : cell?.kind === "rate" ? cell.total : cell;
    expect(taken).toMatchObject(
      { Counter: { value: 1 }, Gauge: { value: 1, min: 1 }, Rate: 1, Trend: { count: 1 } }[kind] as object,
    );
  });

  it("in milliseconds are shown in milliseconds, whatever the kind", () => {
    const { vu, recorder, classes } = newVu();
    const metrics = (["Counter", "Gauge", "Trend"] as const).map((kind) => new classes[kind](kind, true));
    vu.phase = "iteration";
    for (const metric of metrics) metric.add(5);
    const { series } = decodeInterval(recorder.close(0, { final: true, health: [] }));
    const figures = series.flatMap(({ cell }) => Object.entries(valuesOf(cell, 1000, ["max"]) ?? {}));
    expect(figures.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ["count", 5],
      ["max", 5],
      ["max", 5],
      ["min", 5],
      ["rate", 5],
      ["value", 5],
    ]);
  });

  it("keeps its zone, whatever the script calls it, and its author is told", () => {
    const { vu, told, recorder, classes } = newVu();
    const metric: CustomMetric = new classes.Counter("m");
    vu.phase = "iteration";
    metric.add(1, { zone: "mine", user: "a" });
    metric.add(1, { zone: "mine", user: "a" });
    const { definitions } = decodeInterval(recorder.close(0, { final: true, health: [] }));
    expect(definitions.map(({ tags }) => tags)).toEqual([{ zone: "eu", user: "a" }]);
    expect(told).toEqual(["tag zone"]);
  });

  it("that is a long text is told of without any part of it", () => {
    const { vu, told, classes } = newVu();
    const metric: CustomMetric = new classes.Counter("m");
    vu.phase = "iteration";
    metric.add(`token ${"s3cret".repeat(10)}` as never);
    metric.add("short" as never);
    expect(told[0]).toContain("m.add(a text of 66 characters)");
    expect(told[1]).toContain('m.add("short")');
  });

  it("may be anything that is a number, true or false", () => {
    const { vu, told, recorder, classes } = newVu();
    const metrics = (["Counter", "Gauge", "Rate", "Trend"] as const).map((kind) => new classes[kind](kind));
    vu.phase = "iteration";
    for (const metric of metrics) for (const value of [0, 1.5, true, false]) metric.add(value);
    expect(told).toEqual([]);
    for (const { cell } of decodeInterval(recorder.close(0, { final: true, health: [] })).series) {
      expect(cell.rejected).toBe(0);
      if (cell.kind === "rate") expect([cell.passes, cell.total]).toEqual([2, 4]);
      if (cell.kind === "trend") expect([cell.count, cell.max]).toEqual([4, 1500]);
    }
  });
});

describe("a metric", () => {
  it.each(["stage", "iteration", "idle"] satisfies Phase[])("cannot be made in phase %s", (phase) => {
    const { vu, classes } = newVu();
    vu.phase = phase;
    expect(() => new classes.Trend("late", true)).toThrow(
      'new Trend("late"): metrics can only be made in module scope',
    );
  });
});

describe("a class of metrics", () => {
  it("is called with new, and may be extended", () => {
    const { classes } = newVu();
    const call = classes.Counter as unknown as (name: string) => unknown;
    expect(() => call("bare")).toThrow("write new Counter");
    class Mine extends classes.Counter {}
    const mine = new Mine("mine");
    expect(mine).toBeInstanceOf(Mine);
    expect(mine).toBeInstanceOf(classes.Counter);
    expect(mine.name).toBe("mine");
  });
});

describe("calls in flight", () => {
  it("are waited for, and keep the place of the one that was forgotten", async () => {
    const inFlight = new InFlight({ warned: false, seen: false });
    inFlight.reset();
    const awaited = inFlight.begin();
    const forgotten = inFlight.begin();
    inFlight.end(awaited);
    expect(inFlight.place).toContain("custom-metrics.test.ts");
    const idle = inFlight.whenIdle();
    inFlight.end(forgotten);
    await idle;
    expect(inFlight.count).toBe(0);
    expect(inFlight.place).toBeUndefined();
  });

  it("are traced only so far as memory allows, and again when others have ended", () => {
    const forgotten = { warned: false, seen: false };
    const first = new InFlight(forgotten);
    const calls = Array.from({ length: 1000 }, () => first.begin());
    const second = new InFlight(forgotten);
    expect(second.begin()).toBeNull();
    first.end(calls[0] ?? null);
    expect(second.begin()).toBeInstanceOf(Error);
    first.reset();
    expect(second.begin()).toBeInstanceOf(Error);
  });

  it("are not traced once the author was told", () => {
    const inFlight = new InFlight({ warned: true, seen: true });
    expect(inFlight.begin()).toBeNull();
  });
});
