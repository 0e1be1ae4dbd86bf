/** A rate that is divided among many workers: together they keep it, from the first instant on and after any pause. */
import { describe, expect, it } from "vitest";
import { divideGuards } from "../../../../src/domain/guard/ceilings.ts";
import { type RateBucket, rateBucket } from "../../../../src/script/guard/rate-bucket.ts";

const WORKERS = 128;
const RATE = 10;
const whole = RATE * 1000;

/** The workers of eight agents, divided as a zone divides among agents, and those among workers. */
const buckets = (): readonly RateBucket[] =>
  Array.from({ length: 8 }, (_, agent) =>
    divideGuards([{ zone: "eu", maxRate: RATE }], { weights: Array<number>(8).fill(1), index: agent }),
  ).flatMap((guards) =>
    Array.from({ length: WORKERS / 8 }, (_, index) => {
      const weights = Array<number>(WORKERS / 8).fill(1);
      const [{ part } = { part: undefined }] = divideGuards(guards, { weights, index });
      return rateBucket("maxRate of zone eu", { rate: part?.rate ?? 0, before: part?.rateBefore, whole });
    }),
  );

/** When requests go out, ms, if every worker always has one more that wants to; none wants any from `idle[0]` to `idle[1]`. */
function greedy(
  all: readonly RateBucket[],
  forMs: number,
  idle: readonly [number, number],
): readonly number[] {
  const began = performance.now();
  const sent: number[] = [];
  const dueAt = all.map(() => 0);
  for (let ms = 1; ms < forMs; ms += 1) {
    if (ms === idle[0]) for (const bucket of all) bucket.rest();
    if (ms >= idle[0] && ms < idle[1]) continue;
    for (const [n, bucket] of all.entries()) {
      if (ms < (dueAt[n] ?? 0)) continue;
      const now = began + ms;
      if (bucket.admits(now)) {
        bucket.take(now);
        sent.push(ms);
      } else dueAt[n] = ms + bucket.waitMs(now);
    }
  }
  return sent;
}

const mostWithin = (sent: readonly number[], ms: number): number =>
  Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + ms).length));

describe("a rate of 10 per second among 128 workers", () => {
  it("is kept at the start, all the time, and after a pause in which nobody wanted anything", () => {
    const sent = greedy(buckets(), 60_000, [20_000, 35_000]);
    expect(mostWithin(sent, 1000)).toBeLessThanOrEqual(RATE + 2);
    expect(sent.filter((ms) => ms < 20_000).length).toBeGreaterThan(RATE * 20 * 0.75);
    expect(sent.filter((ms) => ms >= 35_000).length).toBeGreaterThan(RATE * 25 * 0.75);
  });
});

describe("a part of one per burst and more", () => {
  it("is a bucket: a lone worker begins at once, and keeps its rate", () => {
    const alone = rateBucket("r", { rate: 100_000, before: undefined, whole: 100_000 });
    const sent = greedy([alone], 5_000, [2_000, 3_000]);
    expect(sent[0]).toBe(1);
    expect(mostWithin(sent, 1000)).toBeLessThanOrEqual(103);
    expect(sent.length).toBeGreaterThan(390);
  });
});

describe("a part of nothing", () => {
  it("lets nothing out", () => {
    const none = rateBucket("r", { rate: 0, before: 3, whole: 100_000 });
    expect(greedy([none], 5_000, [0, 0])).toEqual([]);
  });
});
