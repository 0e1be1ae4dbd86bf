/** When windows close, who counts as present, and what is put aside. */
import { describe, expect, it } from "vitest";
import { decodeHead, decodeInterval, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { Coverage } from "../../../src/domain/interval/coverage.ts";
import type { HealthSample } from "../../../src/domain/interval/health.ts";
import { HEALTH_WORST, worstHealth } from "../../../src/domain/interval/health.ts";
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Recorder } from "../../../src/engine/recorder.ts";

function mergerOf(...children: string[]): IntervalMerger {
  return new IntervalMerger({ source: "z.1", windowMs: 1000, latenessMs: 500, children });
}

interface FrameOptions {
  readonly final?: boolean;
  readonly health?: readonly HealthSample[];
}

/** A worker that sends one request per window. */
function worker(source: string) {
  const recorder = new Recorder(source, {});
  return (window: number, { final = false, health = [] }: FrameOptions = {}) => {
    recorder.add(recorder.series(builtin("http_reqs"), {}), 1);
    return recorder.close(window, { final, health });
  };
}

const healthOf = (agent: string, lagUsMax: number): HealthSample => ({
  agent,
  lagUsMax,
  lagUsP99: 0,
  loopDelayUsMax: 0,
  gcUs: 0,
  cpuPermille: 0,
  rssKb: 1000,
  clockOffsetUs: -3,
  drops: 1,
});

describe("interval merger", () => {
  it("closes a window as soon as all live children are in it", () => {
    const merger = mergerOf("a", "b");
    const [a, b] = [worker("a"), worker("b")];
    merger.offer(a(0), 0);
    expect(merger.due(1100)).toEqual([]);
    merger.offer(b(0), 0);
    expect(merger.due(1100)).toEqual([0]);
    expect(decodeHead(merger.close(0))).toMatchObject({ number: 0, window: 0, expected: 2, present: 2 });
  });

  it("closes it without the late ones after the lateness, and takes their data in a further interval", () => {
    const merger = mergerOf("a", "b");
    const [a, b] = [worker("a"), worker("b")];
    merger.offer(a(0), 0);
    expect(merger.due(1499)).toEqual([]);
    expect(merger.due(1500)).toEqual([0]);
    expect(decodeHead(merger.close(0))).toMatchObject({ expected: 2, present: 1 });
    merger.offer(b(0), 1600);
    expect(merger.due(1600)).toEqual([0]);
    const late = decodeInterval(merger.close(0));
    expect(late.head).toMatchObject({ number: 1, window: 0, expected: 2, present: 2 });
    expect(late.head.adds).toEqual([{ source: "b", ranges: [[0, 0]] }]);
    expect(late.series[0]?.cell).toMatchObject({ value: 1 });
  });

  it("closes empty windows while a child lives, and none after all have ended", () => {
    const merger = mergerOf("a");
    expect(merger.due(3600)).toEqual([0, 1, 2]);
    for (const window of [0, 1, 2])
      expect(decodeHead(merger.close(window))).toMatchObject({ present: 0, expected: 1 });
    merger.childEnded("a", undefined);
    expect(merger.due(1e7)).toEqual([]);
    expect(merger.complete).toBe(true);
  });

  it("waits for a lost child no longer", () => {
    const merger = mergerOf("a", "b");
    merger.offer(worker("a")(0), 0);
    merger.childEnded("b", undefined);
    expect(merger.due(1001)).toEqual([0]);
    expect(decodeHead(merger.close(0))).toMatchObject({ expected: 1, present: 1 });
  });

  it("is complete only when every interval a child said it published is in what was closed", () => {
    const merger = mergerOf("a");
    const a = worker("a");
    const [first, second] = [a(0), a(1, { final: true })];
    merger.offer(second, 0);
    merger.childEnded("a", 2);
    for (const window of merger.due(1e6)) merger.close(window);
    expect(merger.complete).toBe(false);
    merger.offer(first, 0);
    for (const window of merger.due(1e6)) merger.close(window);
    expect(merger.complete).toBe(true);
    expect(merger.intervals).toBe(2);
  });

  it("never sums what a child adds a second time", () => {
    const [zone, root] = [mergerOf("a"), mergerOf("z.1")];
    zone.offer(worker("a")(0), 0);
    const first = zone.close(0);
    const { head, series } = decodeInterval(first);
    const again = encodeInterval({ ...head, number: 1 }, new Map(), series);
    expect(root.offer(first, 0)).toBe("added");
    expect(root.offer(again, 0)).toBe("quarantined");
    expect(root.quarantined[0]?.reason).toBe('intervals 0 to 0 of "a" were added before');
    expect(decodeInterval(root.close(0)).series[0]?.cell).toMatchObject({ value: 1 });
  });

  it("takes more of a child that said how much there is, only where it waits for something itself", () => {
    const a = worker("a");
    const [first, second] = [a(0), a(1)];
    const strict = mergerOf("a");
    strict.childEnded("a", 1);
    expect([strict.offer(first, 0), strict.offer(second, 0)]).toEqual(["added", "quarantined"]);
    const waiting = mergerOf("a");
    waiting.childEnded("a", 1, true);
    expect([waiting.offer(first, 0), waiting.offer(second, 0)]).toEqual(["added", "added"]);
    for (const window of waiting.due(1e6)) waiting.close(window);
    waiting.childEnded("a", 3);
    expect([waiting.covers("a"), waiting.through("a").ranges]).toEqual([false, [[0, 1]]]);
  });

  it("takes the data of a child that was given up and came back", () => {
    const merger = mergerOf("a", "b");
    merger.offer(worker("a")(0), 0);
    merger.childEnded("a", 1);
    merger.childEnded("b", undefined);
    merger.close(0);
    expect(merger.offer(worker("b")(0), 0)).toBe("added");
    expect(merger.due(0)).toEqual([0]);
    merger.close(0);
    merger.childEnded("b", 2);
    expect(merger.covers("b")).toBe(false);
  });

  it("expects a new incarnation from its window on", () => {
    const merger = mergerOf("a.1");
    merger.offer(worker("a.1")(0), 0);
    merger.childEnded("a.1", undefined);
    merger.childJoined("a.2", 1);
    expect(merger.due(1001)).toEqual([0]);
    merger.close(0);
    expect(merger.due(2100)).toEqual([]);
    merger.offer(worker("a.2")(1), 2000);
    expect(merger.due(2100)).toEqual([1]);
  });

  it("counts the workers below its children, so that a gap deep in the tree shows at the top", () => {
    const zone = mergerOf("a", "b");
    zone.offer(worker("a")(0), 0);
    zone.offer(worker("b")(0), 0);
    const root = new IntervalMerger({ source: "r.1", windowMs: 1000, latenessMs: 500, children: ["z.1"] });
    root.offer(zone.close(0), 0);
    expect(decodeHead(root.close(0))).toMatchObject({ expected: 2, present: 2 });
    zone.offer(worker("a2")(1), 0);
    expect(zone.quarantinedCount).toBe(1);
  });

  it("puts aside what contradicts, with a reason, and sums none of it", () => {
    const merger = mergerOf("a", "b");
    const a = worker("a");
    const frame = a(0);
    merger.childEnded("b", 0);
    expect(merger.offer(worker("c")(0), 7)).toBe("quarantined");
    expect(merger.offer(worker("b")(0), 8)).toBe("quarantined");
    expect(merger.offer(frame.subarray(0, frame.length - 3), 9)).toBe("quarantined");
    expect(merger.offer(Uint8Array.of(9, ...frame.subarray(1)), 10)).toBe("quarantined");
    expect(merger.quarantined.map(({ atMs, reason }) => `${atMs} ${reason}`)).toEqual([
      '7 "c" is not a child',
      "8 The source said it published 0 intervals",
      "9 The frame cannot be merged: ends too early",
      "10 The frame cannot be read: version 9 is unknown",
    ]);
    expect(merger.offer(frame, 11)).toBe("added");
    expect(decodeInterval(merger.close(0)).series[0]?.cell).toMatchObject({ value: 1 });
  });

  it("carries a definition once, and again in the log of a new incarnation", () => {
    const merger = mergerOf("a");
    const a = worker("a");
    merger.offer(a(0), 0);
    const first = merger.close(0);
    const later = [a(1), a(2)] as const;
    merger.offer(later[0], 0);
    expect(decodeInterval(first).definitions).toHaveLength(1);
    expect(decodeInterval(merger.close(1)).definitions).toEqual([]);

    const next = new IntervalMerger({ source: "z.2", windowMs: 1000, latenessMs: 500, children: ["a"] });
    next.restore([first]);
    next.offer(later[0], 0);
    expect(decodeInterval(next.close(1))).toMatchObject({
      head: { number: 0 },
      definitions: [{ metric: "http_reqs" }],
    });
  });

  it("does not close the windows of its own log again after a restart", () => {
    const merger = mergerOf("a");
    const a = worker("a");
    merger.offer(a(0), 0);
    const log = [merger.close(0), merger.close(1)];
    const next = mergerOf("a");
    next.restore(log);
    expect(next.due(3600)).toEqual([2]);
    expect(next.offer(a(1), 0)).toBe("added");
    expect(next.due(2600)).toEqual([1]);
    expect(decodeHead(next.close(1))).toMatchObject({ number: 2, window: 1 });
  });

  it("learns from copies, after a restart, where a child's load ended and what it has added", () => {
    const [before, after] = [mergerOf("z.1"), mergerOf("z.1")];
    const zone = mergerOf("a");
    zone.offer(worker("a")(0, { final: true }), 0);
    const frame = zone.close(0);
    before.offer(frame, 0);
    after.restore([before.close(0)]);
    expect(after.offer(frame, 1000)).toBe("duplicate");
    expect(after.due(60_000)).toEqual([]);
    const { head, series } = decodeInterval(frame);
    expect(after.offer(encodeInterval({ ...head, number: 1 }, new Map(), series), 0)).toBe("quarantined");
  });

  it("counts what it puts aside once, however often it is sent again", () => {
    const merger = mergerOf("a");
    const a = worker("a");
    merger.childEnded("a", 1);
    const [first, tooMany] = [a(0), a(1)];
    merger.offer(first, 0);
    for (const _ of [1, 2, 3]) expect(merger.offer(tooMany, 0)).toBe("quarantined");
    expect([merger.quarantinedCount, merger.quarantined.length]).toEqual([1, 1]);
    expect([merger.aside("a"), merger.aside("b")]).toEqual([1, 0]);
  });

  it("carries a definition that came after its series in the next interval", () => {
    const merger = mergerOf("a");
    const a = worker("a");
    const [first, second] = [a(0), a(1)];
    merger.offer(second, 0);
    expect(decodeInterval(merger.close(1)).definitions).toEqual([]);
    merger.offer(first, 0);
    expect(decodeInterval(merger.close(0)).definitions).toHaveLength(1);
  });
});

describe("coverage", () => {
  it("tells added, duplicate and overlap apart and keeps holes", () => {
    const coverage = new Coverage();
    expect(coverage.add("a", [0, 3])).toBe("added");
    expect(coverage.add("a", [6, 7])).toBe("added");
    expect(coverage.add("a", [1, 2])).toBe("duplicate");
    expect(coverage.add("a", [3, 5])).toBe("overlap");
    expect(coverage.through).toEqual([
      {
        source: "a",
        ranges: [
          [0, 3],
          [6, 7],
        ],
      },
    ]);
    expect(coverage.add("a", [4, 5])).toBe("added");
    expect(coverage.through).toEqual([{ source: "a", ranges: [[0, 7]] }]);
    expect([coverage.covers("a", 7), coverage.covers("a", 8), coverage.covers("b", 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("health", () => {
  it("merges the workers of an agent into one sample", () => {
    const merged = worstHealth([healthOf("a", 10), healthOf("a", 30)]);
    expect(merged).toEqual([{ ...healthOf("a", 30), rssKb: 2000, drops: 2 }]);
  });

  it("keeps the worst agents in any tree, not all of them", () => {
    const all = Array.from({ length: 500 }, (_, index) =>
      healthOf(`a${String(index).padStart(3, "0")}`, index),
    );
    const flat = worstHealth(all);
    expect(flat.length).toBeLessThanOrEqual(6 * HEALTH_WORST);
    expect(flat.at(-1)?.agent).toBe("a499");
    expect(worstHealth([...worstHealth(all.slice(250)), ...worstHealth(all.slice(0, 250))])).toEqual(flat);
  });

  it("comes back from the wire", () => {
    const merger = mergerOf("a");
    merger.offer(worker("a")(0, { health: [healthOf("a", 12)] }), 0);
    expect(decodeHead(merger.close(0)).health).toEqual([healthOf("a", 12)]);
  });
});
