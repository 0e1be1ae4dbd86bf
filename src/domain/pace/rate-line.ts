/**
 * When arrivals are due under a rate that goes in lines from target to target: slot n at the first whole µs at which
 * the area under the rate is n + 1 (ramping-arrival-rate, as in k6: the first is not at 0). Areas are carried from stage
 * to stage as exact fractions, each stage is solved from the end at which its rate is low, and where floating point
 * cannot tell on which side of a whole µs the root lies, integers decide: hour 24 is as exact as second 1.
 */
import type { Stage } from "../../../streams/schema/plan.ts";

/** Highest rate of a stage, per time unit: twice its square is still a safe integer, which `flatUs` needs. */
export const STAGE_RATE_MAX = 60_000_000;

/** More than the floating-point error of a root within 24 days (below 0.002 µs), and seldom met by chance. */
const DOUBT_US = 0.01;

export interface RateLine {
  readonly durationUs: number;
  /** Arrivals in all: the whole part of the area. */
  readonly slots: number;
  /** When slot `n`, from 0, is due. Rises with n; needs no slot before it. */
  readonly dueUs: (n: number) => number;
}

/**
 * One stage that has slots. Areas are counted in 1 / (2 × time unit), so that they are whole: `slots` and a `rest` below
 * 2 × time unit.
 */
interface Slope {
  readonly startUs: number;
  readonly lengthUs: number;
  readonly from: number;
  readonly to: number;
  /** Whole slots before the stage and up to its end, and the rests beyond them. */
  readonly before: number;
  readonly restBefore: number;
  readonly after: number;
  readonly restAfter: number;
}

export function rateLine(startRate: number, unitUs: number, stages: readonly Stage[]): RateLine {
  const perSlot = BigInt(2 * unitUs);
  const slopes: Slope[] = [];
  let [startUs, from, area] = [0, startRate, 0n];
  for (const { durationMs, target: to } of stages) {
    const lengthUs = durationMs * 1000;
    const areaAfter = area + BigInt(from + to) * BigInt(lengthUs);
    const [before, restBefore] = [Number(area / perSlot), Number(area % perSlot)];
    const [after, restAfter] = [Number(areaAfter / perSlot), Number(areaAfter % perSlot)];
    if (after > before) slopes.push({ startUs, lengthUs, from, to, before, restBefore, after, restAfter });
    [startUs, from, area] = [startUs + lengthUs, to, areaAfter];
  }
  return {
    durationUs: startUs,
    slots: slopes.at(-1)?.after ?? 0,
    dueUs: (n) => {
      const slope = slopeOf(slopes, n + 1);
      return slope.startUs + sinceUs(slope, unitUs, n + 1);
    },
  };
}

/** The stage in which the area reaches `area`, by halves. */
function slopeOf(slopes: readonly Slope[], area: number): Slope {
  let [from, to] = [0, slopes.length - 1];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (slopes[middle]!.after < area) from = middle + 1;
    else to = middle;
  }
  const found = slopes[from];
  if (found === undefined || found.after < area) throw new RangeError(`there is no arrival ${area}`);
  return found;
}

/** First whole µs of the stage at which the area of the whole line is at least `area`. */
function sinceUs(slope: Slope, unitUs: number, area: number): number {
  if (slope.from === slope.to) return flatUs(slope, unitUs, area - slope.before);
  const us = rootUs(slope, unitUs, area);
  const nearest = Math.round(us);
  if (Math.abs(us - nearest) > DOUBT_US) return Math.ceil(us);
  return isReached(slope, unitUs, area, nearest) ? nearest : nearest + 1;
}

/** ceil((slots × unit − rest / 2) / rate), taken apart so that no product passes 2^53. */
function flatUs({ from: rate, restBefore }: Slope, unitUs: number, slots: number): number {
  const units = Math.floor(slots / rate);
  const left = slots - units * rate;
  const stepUs = Math.floor(unitUs / rate);
  const stepRest = unitUs - stepUs * rate;
  return units * unitUs + left * stepUs + Math.ceil((2 * left * stepRest - restBefore) / (2 * rate));
}

/**
 * Where rate × t + slope × t² / 2 is the wanted area. Of the two ends of the stage it starts from the one with the lower
 * rate: there everything under the root is positive, and nothing cancels.
 */
function rootUs(slope: Slope, unitUs: number, area: number): number {
  const { after, before, from, lengthUs, restAfter, restBefore, to } = slope;
  if (to > from) return fromLowEnd(from, to - from, lengthUs, unitUs * (area - before) - restBefore / 2);
  return lengthUs - fromLowEnd(to, from - to, lengthUs, unitUs * (after - area) + restAfter / 2);
}

function fromLowEnd(rate: number, rise: number, lengthUs: number, area: number): number {
  if (area === 0) return 0;
  return (2 * area) / (rate + Math.sqrt(rate * rate + (2 * rise * area) / lengthUs));
}

/** True if the area is reached `us` after the start of the stage; in integers. */
function isReached(slope: Slope, unitUs: number, area: number, us: number): boolean {
  const { before, from, lengthUs, restBefore, to } = slope;
  const [length, time] = [BigInt(lengthUs), BigInt(us)];
  const done = 2n * length * BigInt(from) * time + BigInt(to - from) * time * time;
  return done >= length * (2n * BigInt(unitUs) * BigInt(area - before) - BigInt(restBefore));
}
