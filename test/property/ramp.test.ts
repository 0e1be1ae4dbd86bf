/**
 * Ramping arrivals against an oracle that only counts in whole numbers: a slot is due at the first µs at which the area
 * under the rate has reached it, after 24 hours as after one second.
 */
import { describe, expect, it } from "vitest";
import { rateLine, STAGE_RATE_MAX } from "../../src/domain/pace/rate-line.ts";
import type { Stage } from "../../streams/schema/plan.ts";
import { Dice } from "./segment-tree.ts";

const DAY_MS = 86_400_000;
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

interface Line {
  readonly startRate: number;
  readonly unitUs: number;
  readonly stages: readonly Stage[];
}

/** Any magnitude up to `max`, often a round number. */
function any(dice: Dice, max: number): number {
  const magnitude = 10 ** dice.roll(0, Math.floor(Math.log10(max)));
  return Math.min(max, dice.roll(0, 1) === 0 ? magnitude : dice.roll(0, magnitude));
}

function randomLine(dice: Dice): Line {
  const targetMax = [3, 1000, STAGE_RATE_MAX][dice.roll(0, 2)]!;
  const durationMax = [1000, 60_000, DAY_MS][dice.roll(0, 2)]!;
  return {
    startRate: dice.roll(0, 1) * any(dice, targetMax),
    unitUs: [1000, 1_000_000, 60_000_000, 7_000, DAY_MS * 1000][dice.roll(0, 4)]!,
    stages: dice.list(dice.roll(1, 6), () => ({
      durationMs: dice.roll(0, 4) === 0 ? 0 : any(dice, durationMax),
      target: dice.roll(0, 4) === 0 ? 0 : any(dice, targetMax),
    })),
  };
}

/** True if the area under the line is at least `area` after `us`; each stage's area times 2 × its length. */
function isReached({ startRate, stages, unitUs }: Line, us: number, area: number): boolean {
  let [beginUs, from] = [0, startRate];
  // The area before the present stage, times 2.
  let doubled = 0n;
  const wanted = 2n * BigInt(unitUs) * BigInt(area);
  for (const { durationMs, target } of stages) {
    const length = BigInt(durationMs * 1000);
    const inside = BigInt(Math.max(0, Math.min(us - beginUs, durationMs * 1000)));
    if (BigInt(us - beginUs) <= length && length > 0n) {
      const here = 2n * length * BigInt(from) * inside + BigInt(target - from) * inside * inside;
      return doubled * length + here >= wanted * length;
    }
    doubled += BigInt(from + target) * length;
    [beginUs, from] = [beginUs + durationMs * 1000, target];
  }
  return doubled >= wanted;
}

describe("ramping arrivals", () => {
  it("are due at the first µs at which the area is theirs, anywhere in a line of days", () => {
    let looked = 0;
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const line = randomLine(dice);
      const { dueUs, durationUs, slots } = rateLine(line.startRate, line.unitUs, line.stages);
      if (slots === 0 || slots > 1e13) continue;
      const random = dice.list(30, () => Math.min(slots - 1, any(dice, slots)));
      for (const slot of [0, slots - 1, ...random]) {
        const us = dueUs(slot);
        looked += 1;
        const at = `seed ${seed}, slot ${slot}: ${us} µs`;
        expect(us >= 0 && us <= durationUs, at).toBe(true);
        expect(isReached(line, us, slot + 1), at).toBe(true);
        expect(us === 0 || !isReached(line, us - 1, slot + 1), at).toBe(true);
      }
      expect(isReached(line, durationUs, slots), `seed ${seed}`).toBe(true);
      expect(isReached(line, durationUs, slots + 1), `seed ${seed}`).toBe(false);
    }
    expect(looked).toBeGreaterThan(3000);
  });

  it("never go back in time", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const line = randomLine(dice);
      const { dueUs, slots } = rateLine(line.startRate, line.unitUs, line.stages);
      if (slots === 0 || slots > 1e13) continue;
      const from = dice.roll(0, Math.min(slots - 1, 2 ** 31));
      let before = dueUs(from);
      for (let slot = from + 1; slot < Math.min(slots, from + 200); slot += 1) {
        const us = dueUs(slot);
        expect(us, `seed ${seed}, slot ${slot}`).toBeGreaterThanOrEqual(before);
        before = us;
      }
    }
  });

  it("have not drifted by a µs after 24 hours, up and down", () => {
    const stages = [
      { durationMs: DAY_MS / 2, target: 5000 },
      { durationMs: DAY_MS / 2, target: 0 },
    ];
    const { dueUs, durationUs, slots } = rateLine(0, 1_000_000, stages);
    expect(slots).toBe(5000 * 43_200);
    expect(dueUs(slots - 1)).toBe(durationUs);
    // The line is its own mirror: half of all at noon.
    expect(dueUs(slots / 2 - 1)).toBe(durationUs / 2);
  });
});
