/** Frames of a node with a program of its own: what is merged of them can be read by whoever is above, and by root itself. */
import { describe, expect, it } from "vitest";
import { decodeInterval, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import type { IntervalHead } from "../../../src/domain/interval/frame.ts";
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import { type Cell, makeCell } from "../../../src/domain/metric/cell.ts";
import type { Kind, SeriesDefinition } from "../../../src/domain/metric/definition.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";

const MOST = Number.MAX_SAFE_INTEGER;

const mergerOf = (...children: string[]) =>
  new IntervalMerger({ source: "root.0", windowMs: 1000, latenessMs: 500, children });

const headOf = (source: string, window: number, change: Partial<IntervalHead> = {}): IntervalHead => ({
  source,
  number: 0,
  window,
  final: false,
  expected: 1,
  present: 1,
  adds: [],
  through: [],
  health: [],
  ...change,
});

const metricOf = (kind: Kind): SeriesDefinition => ({ metric: "m", kind, unit: "default", tags: {} });

const frameOf = (head: IntervalHead, cell: Cell, definition = metricOf(cell.kind)) =>
  encodeInterval(head, definitionsOf([definition]), [{ id: seriesIdOf(definition), cell }]);

/** The greatest number of a kind that can be written. */
function greatest(kind: Kind): Cell {
  const cell = makeCell(kind);
  if (cell.kind === "counter") cell.sum.addBig(2n ** 111n - 1n);
  if (cell.kind === "rate") cell.passes = cell.total = cell.rejected = MOST;
  if (cell.kind === "gauge") cell.record(2 ** 40, MOST, "a");
  if (cell.kind === "trend") {
    cell.record(7, 1);
    for (let doubled = 0; doubled < 51; doubled += 1) cell.merge(cell);
  }
  return cell;
}

/** Root folds its own interval: one that it could not read would be the end of the run's log. */
const fold = (...frames: readonly Uint8Array[]) => {
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: [] });
  for (const frame of frames) metrics.add(frame);
  return metrics;
};

describe("sums of numbers that others chose", () => {
  it.each(["counter", "rate", "gauge", "trend"] as const)(
    "of a %s are written as they can be read",
    (kind) => {
      const sources = ["a", "b", "c", "d", "e"];
      const merger = mergerOf(...sources);
      for (const source of sources)
        expect(merger.offer(frameOf(headOf(source, 0), greatest(kind)), 0)).toBe("added");
      const merged = merger.close(0);
      expect(decodeInterval(merged).series.map(({ cell }) => cell.kind)).toEqual([kind]);
      expect(() => fold(merged)).not.toThrow();
    },
  );

  it("of workers and of machines are, too", () => {
    const merger = mergerOf("a", "b");
    const health = { agent: "x", lagUsMax: MOST, lagUsP99: MOST, loopDelayUsMax: MOST, gcUs: MOST };
    const more = {
      cpuPermille: MOST,
      rssKb: MOST,
      clockOffsetUs: 0,
      drops: MOST,
      arrivals: MOST,
      late: MOST,
    };
    const change = { expected: MOST, present: MOST, health: [{ ...health, ...more }] };
    for (const source of ["a", "b"]) merger.offer(frameOf(headOf(source, 0, change), makeCell("rate")), 0);
    const { head } = decodeInterval(merger.close(0));
    expect(head).toMatchObject({
      expected: MOST,
      present: MOST,
      health: [{ rssKb: MOST, drops: MOST, late: MOST }],
    });
  });
});

describe("a series that is sent as another kind", () => {
  const definition = metricOf("counter");
  const counter = makeCell("counter");
  const gauge = makeCell("gauge");

  it("in another window is put aside, for a log with both cannot be read", () => {
    const merger = mergerOf("a", "b");
    expect(merger.offer(frameOf(headOf("a", 0), counter, definition), 0)).toBe("added");
    expect(merger.offer(frameOf(headOf("b", 1), gauge, definition), 0)).toBe("quarantined");
    expect(() => fold(merger.close(0), merger.close(1))).not.toThrow();
  });

  it("is put aside by whoever goes on with the log, too", () => {
    const merger = mergerOf("a", "b");
    merger.offer(frameOf(headOf("a", 0), counter, definition), 0);
    const next = mergerOf("a", "b");
    next.restore([merger.close(0)]);
    expect(next.offer(frameOf(headOf("b", 1), gauge, definition), 0)).toBe("quarantined");
  });
});
