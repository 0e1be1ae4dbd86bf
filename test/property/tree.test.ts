/**
 * The merge law over whole trees: the same recorded frames of workers give root the same bits through one agent, through
 * two zones of three agents, four levels deep, or in any other shape, in any order of arrival. What differs between two
 * trees is only how the sum is put together: names of nodes, numbers, coverage. What was measured does not.
 */
import { describe, expect, it } from "vitest";
import { Accumulator } from "../../src/domain/interval/accumulator.ts";
import { decodeHead } from "../../src/domain/interval/codec.ts";
import type { Definitions } from "../../src/domain/interval/definitions.ts";
import { IntervalMerger } from "../../src/domain/interval/merger.ts";
import type { MetricDefinition } from "../../src/domain/metric/definition.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { between, heavyTailed, pick, type Random, randomFrom, shuffled } from "./random.ts";

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const WORKERS = 6;
const WINDOW_MS = 1000;

const METRICS: readonly MetricDefinition[] = [
  { name: "http_req_duration", kind: "trend", unit: "time" },
  { name: "http_reqs", kind: "counter", unit: "default" },
  { name: "balance", kind: "counter", unit: "default" },
  { name: "queue", kind: "gauge", unit: "default" },
  { name: "checks", kind: "rate", unit: "default" },
];

/** A node of the tree: the source it says it is, and its children; a leaf is a worker. */
type Tree = { readonly source: string; readonly children: readonly Tree[] };

type Frames = ReadonlyMap<string, readonly Uint8Array[]>;

const workerNames = Array.from({ length: WORKERS }, (_, index) => `w${index}`);
const leaf = (source: string): Tree => ({ source, children: [] });
const node = (source: string, children: readonly Tree[]): Tree => ({ source, children });

/** What every worker recorded: a frame for each window, the last one final, and now and then one of teardown. */
function record(random: Random): Frames {
  const windows = between(random, 2, 5);
  return new Map(workerNames.map((name) => [name, framesOf(random, name, windows)]));
}

function framesOf(random: Random, source: string, windows: number): readonly Uint8Array[] {
  let nowUs = 0;
  const recorder = new Recorder(source, {}, { elapsedUs: () => nowUs });
  const frame = (window: number, final: boolean) => {
    for (let left = between(random, 0, 60); left > 0; left -= 1) {
      nowUs = window * WINDOW_MS * 1000 + between(random, 0, WINDOW_MS * 1000 - 1);
      const metric = pick(random, METRICS);
      const tags = { scenario: pick(random, ["a", "b"]), status: pick(random, ["200", "500"]) };
      recorder.add(recorder.series(metric, tags), valueOf(random, metric));
    }
    return recorder.close(window, { final, health: [] });
  };
  const regular = Array.from({ length: windows }, (_, window) => frame(window, window === windows - 1));
  return random() < 0.3 ? [...regular, frame(windows, false)] : regular;
}

function valueOf(random: Random, { kind, name }: MetricDefinition): number {
  if (kind === "rate") return between(random, 0, 1);
  if (kind === "gauge") return between(random, -5000, 5000) / 8;
  if (name === "balance") return between(random, -1e12, 1e12) / 2;
  return kind === "counter" ? between(random, 0, 5) : heavyTailed(random);
}

/** The intervals of a node, made by the real merger of each inner node, with arrivals in any order and doubled. */
function intervalsOf(random: Random, { children, source }: Tree, frames: Frames): readonly Uint8Array[] {
  const own = frames.get(source);
  if (own !== undefined) return own;
  const sent = children.map((child) => ({ child, intervals: intervalsOf(random, child, frames) }));
  const merger = new IntervalMerger({
    source,
    windowMs: WINDOW_MS,
    latenessMs: 500,
    children: children.map((child) => child.source),
  });
  const intervals: Uint8Array[] = [];
  let elapsedMs = 0;
  const close = () => intervals.push(...merger.due(elapsedMs).map((window) => merger.close(window)));
  const all = sent.flatMap((each) => each.intervals);
  for (const frame of shuffled(random, [...all, ...all.filter(() => random() < 0.2)])) {
    merger.offer(frame, elapsedMs);
    elapsedMs += between(random, 0, 700);
    if (random() < 0.5) close();
  }
  for (const { child, intervals: log } of sent) merger.childEnded(child.source, log.length);
  close();
  expect(merger.complete).toBe(true);
  expect(merger.quarantined).toEqual([]);
  return intervals;
}

/**
 * Root's accumulated result, window by window and as a whole, in canonical form: series by id, one head for all. A log
 * carries a definition once, where it first needs it, so windows are compared without; windows of nothing are no windows.
 */
function resultOf(random: Random, tree: Tree, frames: Frames): readonly Buffer[] {
  const intervals = intervalsOf(random, tree, frames);
  const windows = [...new Set(intervals.map((bytes) => decodeHead(bytes).window))].toSorted((a, b) => a - b);
  const ofWindow = (window: number) => intervals.filter((bytes) => decodeHead(bytes).window === window);
  const byWindow = windows.map((window) => canonical(ofWindow(window), new Map()));
  return [...byWindow.filter((bytes) => !bytes.equals(NOTHING)), canonical(intervals)];
}

function canonical(intervals: readonly Uint8Array[], definitions?: Definitions): Buffer {
  const accumulator = new Accumulator();
  for (const bytes of intervals) accumulator.add(bytes);
  const window = 0;
  const nobody = { source: "root.0", number: 0, window, final: false, expected: 0, present: 0 };
  return Buffer.from(accumulator.encode({ ...nobody, adds: [], through: [], health: [] }, definitions));
}

const NOTHING = canonical([], new Map());

const oneAgent: Tree = node("root.0", [node("z.1", [node("a.0", workerNames.map(leaf))])]);

/** Two zones with three agents of one worker each. */
const twoZones: Tree = node(
  "root.0",
  ["z1.1", "z2.1"].map((zone, z) =>
    node(
      zone,
      [0, 1, 2].map((a) => node(`z${z}a${a}.0`, [leaf(`w${z * 3 + a}`)])),
    ),
  ),
);

/** Root over a region over zones over agents; branches of different depth. */
const fourDeep: Tree = node("root.0", [
  node("region.1", [
    node("z1.1", [node("a1.0", ["w0", "w1"].map(leaf)), node("a2.3", [leaf("w2")])]),
    node("z2.4", [node("a3.1", [leaf("w3")])]),
  ]),
  node("z3.1", [node("a4.0", ["w4", "w5"].map(leaf))]),
]);

/** Any tree over the workers: groups of neighbours become nodes until one is left. */
function anyTree(random: Random): Tree {
  let level = shuffled(random, workerNames).map(leaf);
  for (let height = 0; level.length > 1 || height === 0; height += 1) {
    const next: Tree[] = [];
    while (level.length > 0) {
      const children = level.splice(0, between(random, 1, level.length));
      const isPassedOn = children.length === 1 && height > 0 && random() < 0.5;
      next.push(isPassedOn ? (children[0] as Tree) : node(`n${height}-${next.length}.1`, children));
    }
    level = next;
  }
  return node("root.0", level);
}

describe("tree", () => {
  it.each(SEEDS)("gives root the same bits in any shape and any order (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const frames = record(random);
    const expected = resultOf(random, oneAgent, frames);
    const direct = [...frames.values()].flat();
    expect(canonical(direct)).toEqual(expected.at(-1));
    const shapes = [oneAgent, twoZones, fourDeep, ...Array.from({ length: 4 }, () => anyTree(random))];
    for (const shape of shapes) expect(resultOf(random, shape, frames)).toEqual(expected);
  });

  it("notices a sample that is missing", () => {
    const frames = record(randomFrom(99));
    const [name, own] = [...frames].find(([, each]) => each.length > 1) ?? ["", []];
    const without = new Map(frames).set(name, own.slice(1));
    expect(canonical([...without.values()].flat())).not.toEqual(canonical([...frames.values()].flat()));
  });
});
