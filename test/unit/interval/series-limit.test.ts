/** The bound on series in an inner node: nothing is lost, and it holds over restarts and late definitions. */
import { describe, expect, it } from "vitest";
import { decodeInterval, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import {
  SERIES_PER_METRIC_MAX,
  SERIES_PER_METRIC_MAX_MERGED,
} from "../../../src/domain/metric/definition.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { metricsOf } from "../summary/fixture.ts";

const SEEN = { name: "seen", kind: "counter", unit: "default" } as const;
const TAGS = { team: "shop" };
const WORKERS = 6;

const workers = Array.from({ length: WORKERS }, (_, n) => `w${n}.1`);
const newMerger = () =>
  new IntervalMerger({ source: "a.1", windowMs: 1000, latenessMs: 500, children: workers, tags: TAGS });

/** Each worker has values of its own for the tag, as many as it may tell apart and some more, in two windows. */
function framesOf(source: string): Uint8Array[] {
  const recorder = new Recorder(source, TAGS);
  return [0, 1].map((window) => {
    for (let n = 0; n < SERIES_PER_METRIC_MAX + 20; n += 1) {
      recorder.add(recorder.series(SEEN, { scenario: "s", user: `${source}-${n}` }), 1);
    }
    return recorder.close(window, { final: window === 1, health: [] });
  });
}

const all = workers.map(framesOf);
const TOTAL = WORKERS * 2 * (SERIES_PER_METRIC_MAX + 20);
const closeAll = (merger: IntervalMerger) => merger.due(2600).map((window) => merger.close(window));

/** What a log holds of the counter, and how many series of it were told apart. */
function read(log: readonly Uint8Array[]) {
  const metrics = metricsOf(log, ["seen{team:shop,scenario:s}", "seen{user:__other__}"]);
  const definitions = log.flatMap((bytes) => decodeInterval(bytes).definitions);
  const valueOf = (name: string) => metrics.metrics(1000)[name]?.values["count"];
  return {
    total: valueOf("seen"),
    part: valueOf("seen{team:shop,scenario:s}"),
    other: valueOf("seen{user:__other__}") ?? 0,
    series: definitions.filter(({ metric }) => metric === "seen").length,
    folded: metrics.folded(),
    mismatches: metrics.mismatches,
  };
}

describe("series past the limit of a merger", () => {
  it("are merged into one: totals are exact, kept tags stay, and the log says of which metric and tag", () => {
    const merger = newMerger();
    for (const frames of all) for (const frame of frames) expect(merger.offer(frame, 0)).toBe("added");
    const found = read(closeAll(merger));
    expect(found).toMatchObject({ total: TOTAL, part: TOTAL, folded: { seen: ["user"] }, mismatches: [] });
    expect(found.series).toBeGreaterThanOrEqual(SERIES_PER_METRIC_MAX_MERGED);
    expect(found.series).toBeLessThanOrEqual(SERIES_PER_METRIC_MAX_MERGED + 2);
    expect(found.other).toBeGreaterThan(0);
  });

  it("stay merged by a node that was started again, which learns them from what it has taken before", () => {
    const before = newMerger();
    for (const [first] of all) before.offer(first as Uint8Array, 0);
    const log = [before.close(0)];
    const after = newMerger();
    after.restore(log);
    for (const [first, second] of all) {
      expect(after.offer(first as Uint8Array, 0)).toBe("duplicate");
      expect(after.offer(second as Uint8Array, 0)).toBe("added");
    }
    const found = read([...log, ...closeAll(after)]);
    expect(found).toMatchObject({ total: TOTAL, part: TOTAL, mismatches: [] });
    expect(found.series).toBeLessThanOrEqual(SERIES_PER_METRIC_MAX_MERGED + 2);
  });

  it("go on by themselves where samples came before their definition", () => {
    const merger = newMerger();
    const [last] = all.at(-1) as Uint8Array[];
    const { definitions, head, series } = decodeInterval(last as Uint8Array);
    const bare = encodeInterval(head, definitionsOf([]), series);
    const defining = encodeInterval({ ...head, number: 1, window: 1 }, definitionsOf(definitions), []);
    merger.offer(bare, 0);
    for (const [first] of all.slice(0, -1)) merger.offer(first as Uint8Array, 0);
    merger.offer(defining, 0);
    expect(read(closeAll(merger))).toMatchObject({ total: TOTAL / 2, part: TOTAL / 2, mismatches: [] });
  });

  it("count for each zone by itself, so that a limit does not shrink as zones are added, and keep their zone", () => {
    const zones = ["eu", "us", "ap"];
    const children = zones.map((zone) => `${zone}.1`);
    const root = new IntervalMerger({
      source: "root.0",
      windowMs: 1000,
      latenessMs: 500,
      children,
      tags: TAGS,
    });
    for (const zone of zones) {
      const seriesPerMetricMax = SERIES_PER_METRIC_MAX_MERGED;
      const recorder = new Recorder(`${zone}.1`, { ...TAGS, zone }, { seriesPerMetricMax });
      for (let n = 0; n < SERIES_PER_METRIC_MAX_MERGED; n += 1) {
        recorder.add(recorder.series(SEEN, { scenario: "s", user: `${n}` }), 1);
      }
      root.offer(recorder.close(0, { final: false, health: [] }), 0);
    }
    const late = new Recorder("eu.1", { ...TAGS, zone: "eu" });
    late.close(0, { final: false, health: [] });
    late.add(late.series(SEEN, { scenario: "s", user: "one too many" }), 1);
    root.offer(late.close(1, { final: true, health: [] }), 0);

    const log = root.due(2600).map((window) => root.close(window));
    const metrics = metricsOf(log, ["seen{zone:eu}", "seen{user:__other__}", "seen{zone:eu,user:__other__}"]);
    const valueOf = (name: string) => metrics.metrics(1000)[name]?.values["count"];
    expect(["seen", "seen{zone:eu}", "seen{user:__other__}"].map(valueOf)).toEqual([6001, 2001, 1]);
    expect(valueOf("seen{zone:eu,user:__other__}")).toBe(1);
    const reports = log.flatMap((bytes) => decodeInterval(bytes).definitions);
    expect(reports.find(({ metric }) => metric === "series_folded")?.tags).toEqual({
      ...TAGS,
      zone: "eu",
      metric: "seen",
      tag: "user",
    });
  });
});
