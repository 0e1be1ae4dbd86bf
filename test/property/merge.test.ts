/**
 * The merge law: whatever the order and the shape of the tree, the same frames give the same bits, and those are what
 * one recorder that saw every sample gives.
 */
import { describe, expect, it } from "vitest";
import { Accumulator } from "../../src/domain/interval/accumulator.ts";
import { decodeInterval } from "../../src/domain/interval/codec.ts";
import type { IntervalHead } from "../../src/domain/interval/frame.ts";
import type { MetricDefinition, Tags } from "../../src/domain/metric/definition.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { between, heavyTailed, pick, type Random, randomFrom, shuffled } from "./random.ts";

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
const HEAD: IntervalHead = {
  source: "zone.1",
  number: 0,
  window: 3,
  final: false,
  expected: 1,
  present: 1,
  adds: [],
  through: [],
  health: [],
};

const METRICS: readonly MetricDefinition[] = [
  { name: "http_req_duration", kind: "trend", unit: "time" },
  { name: "size", kind: "trend", unit: "data" },
  { name: "http_reqs", kind: "counter", unit: "default" },
  { name: "balance", kind: "counter", unit: "default" },
  { name: "queue", kind: "gauge", unit: "default" },
  { name: "checks", kind: "rate", unit: "default" },
];

interface Sample {
  readonly metric: MetricDefinition;
  readonly tags: Tags;
  readonly value: number;
}

function sampleOf(random: Random): Sample {
  const metric = pick(random, METRICS);
  const tags = { scenario: pick(random, ["a", "b"]), status: pick(random, ["200", "500", "ä€"]) };
  return { metric, tags, value: valueOf(random, metric) };
}

function valueOf(random: Random, { kind, name }: MetricDefinition): number {
  if (kind === "rate") return between(random, 0, 1);
  if (kind === "gauge") return between(random, -5000, 5000) / 8;
  // Halves of millions make sums beyond 2^53 millionths, where doubles would round.
  if (kind === "counter")
    return name === "balance" ? between(random, -1e12, 1e12) / 2 : between(random, 0, 5);
  return pick(random, [heavyTailed(random), heavyTailed(random), -1, Number.NaN, Infinity, 1e300]);
}

/** Frames of some recorders for one window, and the samples in them. */
function frames(random: Random): Uint8Array[] {
  return Array.from({ length: between(random, 1, 9) }, (_, worker) => {
    let nowUs = 0;
    const recorder = new Recorder(`agent.1/w${worker}`, {}, { elapsedUs: () => nowUs });
    for (let left = between(random, 0, 400); left > 0; left -= 1) {
      const { metric, tags, value } = sampleOf(random);
      nowUs = between(random, 0, 1000);
      recorder.add(recorder.series(metric, tags), value);
    }
    return recorder.close(3, { final: false, health: [] });
  });
}

function merge(parts: readonly Uint8Array[]): Uint8Array {
  const accumulator = new Accumulator();
  for (const part of parts) accumulator.add(part);
  return accumulator.encode(HEAD);
}

/** Merges in a random tree: any two or more parts become one until one is left. */
function mergeAsTree(random: Random, leaves: readonly Uint8Array[]): Uint8Array {
  let parts = shuffled(random, leaves);
  while (parts.length > 1) {
    const size = between(random, 2, parts.length);
    parts = shuffled(random, [merge(parts.slice(0, size)), ...parts.slice(size)]);
  }
  return merge(parts);
}

describe("merge law", () => {
  it.each(SEEDS)("gives the same bytes in any order and any tree (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const leaves = frames(random);
    const flat = Buffer.from(merge(leaves));
    expect(Buffer.from(merge(shuffled(random, leaves)))).toEqual(flat);
    for (let trees = 0; trees < 3; trees += 1) {
      expect(Buffer.from(mergeAsTree(random, leaves))).toEqual(flat);
    }
  });

  it.each(SEEDS)("has the empty frame as its identity (seed %i)", (seed) => {
    const leaves = frames(randomFrom(seed));
    const empty = new Accumulator().encode(HEAD);
    expect(Buffer.from(merge([empty, ...leaves, empty]))).toEqual(Buffer.from(merge(leaves)));
  });

  it.each(SEEDS)("sums counters as exactly as bigints do (seed %i)", (seed) => {
    const leaves = frames(randomFrom(seed));
    const totals = new Map<bigint, bigint>();
    for (const { cell, id } of leaves.flatMap((leaf) => decodeInterval(leaf).series)) {
      if (cell.kind === "counter") totals.set(id, (totals.get(id) ?? 0n) + cell.sum.total);
    }
    const merged = decodeInterval(merge(leaves)).series;
    for (const { cell, id } of merged) {
      if (cell.kind === "counter") expect(cell.sum.total).toBe(totals.get(id));
    }
  });

  it.each(SEEDS)("reuses an accumulator after a reset without a trace (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const [first, second] = [frames(random), frames(random)];
    const reused = new Accumulator();
    for (const leaf of first) reused.add(leaf);
    reused.reset();
    expect(reused.isEmpty).toBe(true);
    for (const leaf of second) reused.add(leaf);
    const fresh = new Accumulator();
    for (const leaf of second) fresh.add(leaf);
    expect(Buffer.from(reused.encode(HEAD, new Map()))).toEqual(Buffer.from(fresh.encode(HEAD, new Map())));
  });
});

describe("codec law", () => {
  it.each(SEEDS)("refuses a cut or changed frame without taking any of it (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const leaf = frames(random)[0] as Uint8Array;
    const cut = leaf.subarray(0, between(random, 0, leaf.length - 1));
    const accumulator = new Accumulator();
    expect(() => accumulator.add(cut)).toThrow(/ends|longer|unknown|large/);
    expect(accumulator.isEmpty).toBe(true);
    expect(accumulator.series).toEqual([]);
  });

  it.each(SEEDS)("never fails but with MalformedFrame on arbitrary bytes (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const leaf = Uint8Array.from(frames(random)[0] as Uint8Array);
    for (let hits = 0; hits < 50; hits += 1) {
      const broken = Uint8Array.from(leaf);
      broken[between(random, 0, broken.length - 1)] = between(random, 0, 255);
      const outcome = addTo(new Accumulator(), broken);
      expect(["added", "MalformedFrame"]).toContain(outcome);
    }
  });
});

function addTo(accumulator: Accumulator, bytes: Uint8Array): string {
  try {
    accumulator.add(bytes);
    return "added";
  } catch (error) {
    return (error as Error).name;
  }
}
