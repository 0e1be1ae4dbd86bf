/**
 * The interval law: whatever the network does to the order and number of deliveries, whoever restarts, each child
 * interval is inside the merged log exactly once, and the totals are those of the samples recorded.
 */
import { describe, expect, it } from "vitest";
import { decodeHead, decodeInterval } from "../../src/domain/interval/codec.ts";
import { Coverage } from "../../src/domain/interval/coverage.ts";
import { IntervalMerger } from "../../src/domain/interval/merger.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { builtin } from "../../src/domain/metric/builtin.ts";
import { RunMetrics } from "../../src/domain/summary/run-metrics.ts";
import { between, pick, type Random, randomFrom, shuffled } from "./random.ts";

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const WINDOW_MS = 1000;
const LATENESS_MS = 500;

interface Source {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  readonly requests: number;
}

/** A source with a frame for each window, and now and then one more for teardown. */
function sourceOf(random: Random, name: string, windows: number): Source {
  const recorder = new Recorder(name, { scenario: "a" });
  let requests = 0;
  const close = (window: number, final: boolean) => {
    for (let left = between(random, 0, 20); left > 0; left -= 1) {
      const tags = { status: pick(random, ["200", "404"]) };
      recorder.add(recorder.series(builtin("http_reqs"), tags), 1);
      recorder.add(recorder.series(builtin("http_req_duration"), tags), between(random, 1, 1e6));
      requests += 1;
    }
    return recorder.close(window, { final, health: [] });
  };
  const frames = Array.from({ length: windows }, (_, window) => close(window, window === windows - 1));
  if (random() < 0.5) frames.push(close(windows, false));
  return { name, frames, requests };
}

function mergerOf(source: string, children: readonly string[]): IntervalMerger {
  return new IntervalMerger({ source, windowMs: WINDOW_MS, latenessMs: LATENESS_MS, children });
}

/** Delivers in random order with duplicates and closes what is due at random times; then all that is left. */
function deliver(random: Random, merger: IntervalMerger, sources: readonly Source[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  const all = sources.flatMap(({ frames }) => [...frames, ...frames.filter(() => random() < 0.3)]);
  let elapsedMs = 0;
  const closeDue = () => out.push(...merger.due(elapsedMs).map((window) => merger.close(window)));
  for (const frame of shuffled(random, all)) {
    expect(["added", "duplicate"]).toContain(merger.offer(frame, elapsedMs));
    elapsedMs += between(random, 0, 400);
    if (random() < 0.5) closeDue();
  }
  for (const { frames, name } of sources) merger.childEnded(name, frames.length);
  closeDue();
  return out;
}

function requestsIn(log: readonly Uint8Array[]): number {
  const metrics = new RunMetrics({ summaryTrendStats: ["count"], selectors: [] });
  for (const bytes of log) metrics.add(bytes);
  expect(metrics.mismatches).toEqual([]);
  const { http_req_duration: durations, http_reqs: requests } = metrics.metrics(1000);
  expect(durations?.values["count"] ?? 0).toBe(requests?.values["count"] ?? 0);
  return requests?.values["count"] ?? 0;
}

function sourcesOf(random: Random): Source[] {
  const windows = between(random, 1, 6);
  return Array.from({ length: between(random, 1, 5) }, (_, index) =>
    sourceOf(random, `a${index}.1`, windows),
  );
}

function addsOf(log: readonly Uint8Array[]): string[] {
  return log.flatMap((bytes) =>
    decodeHead(bytes).adds.flatMap(({ ranges, source }) =>
      ranges.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, n) => `${source}/${from + n}`),
      ),
    ),
  );
}

const allOf = (sources: readonly Source[]) =>
  sources.flatMap(({ frames, name }) => frames.map((_, number) => `${name}/${number}`)).toSorted();

describe("interval merger", () => {
  it.each(SEEDS)("has every child interval once, in any order and with duplicates (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const sources = sourcesOf(random);
    const merger = mergerOf(
      "z.1",
      sources.map(({ name }) => name),
    );
    const log = deliver(random, merger, sources);
    expect(addsOf(log).toSorted()).toEqual(allOf(sources));
    expect(log.map((bytes) => decodeHead(bytes).number)).toEqual(log.map((_, number) => number));
    expect(requestsIn(log)).toBe(sources.reduce((sum, { requests }) => sum + requests, 0));
    expect(merger.complete).toBe(true);
    expect(merger.quarantined).toEqual([]);
    expect(merger.due(1e9)).toEqual([]);
  });

  it.each(SEEDS)("states in `through` what all `adds` so far come to (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const sources = sourcesOf(random);
    const log = deliver(
      random,
      mergerOf(
        "z.1",
        sources.map(({ name }) => name),
      ),
      sources,
    );
    const sum = new Coverage();
    for (const bytes of log) {
      const { adds, through } = decodeHead(bytes);
      for (const { ranges, source } of adds) {
        for (const range of ranges) expect(sum.add(source, range)).toBe("added");
      }
      expect(through).toEqual(sum.through);
    }
  });

  it.each(SEEDS)("marks one interval as final, with all regular load inside (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const sources = sourcesOf(random);
    const log = deliver(
      random,
      mergerOf(
        "z.1",
        sources.map(({ name }) => name),
      ),
      sources,
    );
    const finals = log.map(decodeHead).filter(({ final }) => final);
    expect(finals).toHaveLength(1);
    for (const { frames, name } of sources) {
      const last = frames.map(decodeHead).find(({ final }) => final);
      const ranges = finals[0]?.through.find(({ source }) => source === name)?.ranges;
      expect(ranges?.[0]?.[0]).toBe(0);
      expect(ranges?.[0]?.[1]).toBeGreaterThanOrEqual(last?.number ?? Infinity);
    }
  });

  it.each(SEEDS)("goes on from its own log after a restart and loses nothing (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const sources = sourcesOf(random);
    const names = sources.map(({ name }) => name);
    const first = mergerOf("z.1", names);
    const early = sources.map((source) => ({
      ...source,
      frames: source.frames.filter(() => random() < 0.5),
    }));
    const log: Uint8Array[] = [];
    for (const frame of shuffled(
      random,
      early.flatMap(({ frames }) => frames),
    ))
      first.offer(frame, 0);
    log.push(...first.due(between(random, 0, 9000)).map((window) => first.close(window)));

    const second = mergerOf(pick(random, ["z.1", "z.2"]), names);
    second.restore(log);
    log.push(...deliver(random, second, sources));
    expect(addsOf(log).toSorted()).toEqual(allOf(sources));
    expect(requestsIn(log)).toBe(sources.reduce((sum, { requests }) => sum + requests, 0));
  });

  it.each(SEEDS)("gives root the same totals through a tree of zones (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const zones = Array.from({ length: between(random, 1, 3) }, (_, zone) => {
      const sources = sourcesOf(random).map((source, index) =>
        renamed(source, random, `z${zone}a${index}.1`),
      );
      const merger = mergerOf(
        `z${zone}.1`,
        sources.map(({ name }) => name),
      );
      const frames = deliver(random, merger, sources);
      return {
        name: `z${zone}.1`,
        frames,
        requests: sources.reduce((sum, { requests }) => sum + requests, 0),
      };
    });
    const root = mergerOf(
      "root.1",
      zones.map(({ name }) => name),
    );
    const log = deliver(random, root, zones);
    expect(root.complete).toBe(true);
    expect(requestsIn(log)).toBe(zones.reduce((sum, { requests }) => sum + requests, 0));
  });
});

/** A source of the same length with its own name: names are unique in a mesh. */
function renamed(source: Source, random: Random, name: string): Source {
  const windows = source.frames.map(decodeHead).findIndex(({ final }) => final) + 1;
  return sourceOf(random, name, windows);
}

describe("interval frame", () => {
  it.each(SEEDS)("decodes to what was encoded (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const [source] = sourcesOf(random);
    const bytes = source?.frames[0] as Uint8Array;
    const { definitions, head, series } = decodeInterval(bytes);
    expect(head).toEqual(decodeHead(bytes));
    expect(definitions).toHaveLength(series.length);
    expect(head).toMatchObject({ source: "a0.1", number: 0, window: 0, expected: 1, present: 1, adds: [] });
  });
});
