/**
 * How many VUs are wanted over time: a line from target to target, exact in whole µs (ramping-vus). VU number i comes
 * when a rising line reaches i, and goes when a falling one reaches i − 1, as in k6: rising counts are rounded down,
 * falling ones up. So leaves that each know their VUs' numbers make together the staircase of one machine.
 */
import type { Stage } from "../../../streams/schema/plan.ts";

/** A time in which one VU is wanted without a break: from `fromUs` on, not at `untilUs`. */
export interface Shift {
  readonly fromUs: number;
  readonly untilUs: number;
  /** True if a falling line ends it, false if the scenario is over with the VU still wanted. */
  readonly isRampDown: boolean;
}

export interface VuLine {
  readonly durationUs: number;
  /** Most VUs that are ever wanted. */
  readonly most: number;
  /** VUs wanted at that time; 0 outside the stages. */
  at(elapsedUs: number): number;
  /** The shift of VU `number`, from 1, that lasts or is to come at `elapsedUs`; undefined when none is left. */
  shiftOf(number: number, elapsedUs: number): Shift | undefined;
}

/** One stage with its times: `[startUs, endUs)`. */
interface Slope {
  readonly startUs: number;
  readonly endUs: number;
  readonly from: number;
  readonly to: number;
}

export function vuLine(startVus: number, stages: readonly Stage[]): VuLine {
  const slopes: Slope[] = [];
  let [endUs, to] = [0, startVus];
  for (const { durationMs, target } of stages) {
    slopes.push({ startUs: endUs, endUs: endUs + durationMs * 1000, from: to, to: target });
    [endUs, to] = [endUs + durationMs * 1000, target];
  }
  const durationUs = endUs;
  const last = to;
  return {
    durationUs,
    most: slopes.reduce((most, slope) => Math.max(most, slope.to), startVus),
    at: (elapsedUs) => {
      const us = Math.floor(elapsedUs);
      const slope = slopes.find(({ endUs, startUs }) => startUs <= us && us < endUs);
      return slope === undefined ? 0 : vusOf(slope, us - slope.startUs);
    },
    shiftOf: (number, elapsedUs) => {
      const found = joined(slopes, number, elapsedUs);
      if (found === undefined) return undefined;
      return { ...found, isRampDown: found.untilUs < durationUs || number > last };
    },
  };
}

/** Whole VUs on a slope: never one that the line has not reached, never one less than it has left. */
function vusOf({ endUs, from, startUs, to }: Slope, sinceUs: number): number {
  const steps = (BigInt(sinceUs) * BigInt(Math.abs(to - from))) / BigInt(endUs - startUs);
  return to < from ? from - Number(steps) : from + Number(steps);
}

/** The first times of a VU that end after `elapsedUs`, of neighbouring slopes together. */
function joined(slopes: readonly Slope[], number: number, elapsedUs: number) {
  let found: { fromUs: number; untilUs: number } | undefined;
  for (const slope of slopes) {
    if (slope.endUs === slope.startUs) continue;
    const [fromUs, untilUs] = wantedOn(slope, number);
    if (found !== undefined && (fromUs > found.untilUs || fromUs === untilUs)) {
      if (found.untilUs > elapsedUs) return found;
      found = undefined;
    }
    if (fromUs === untilUs) continue;
    found = found === undefined ? { fromUs, untilUs } : { fromUs: found.fromUs, untilUs };
  }
  return found !== undefined && found.untilUs > elapsedUs ? found : undefined;
}

/** When a VU is wanted on one slope; empty if it is not. */
function wantedOn({ endUs, from, startUs, to }: Slope, number: number): readonly [number, number] {
  if (number <= from && number <= to) return [startUs, endUs];
  if (number > from && number > to) return [endUs, endUs];
  const lengthUs = endUs - startUs;
  if (to > from) return [startUs + stepUs(lengthUs, number - from, to - from), endUs];
  return [startUs, startUs + stepUs(lengthUs, from - number + 1, from - to)];
}

/** ceil(lengthUs × step / steps), without a product beyond 2^53. */
function stepUs(lengthUs: number, step: number, steps: number): number {
  const wholeUs = Math.floor(lengthUs / steps);
  const restUs = lengthUs - wholeUs * steps;
  return wholeUs * step + Math.ceil((restUs * step) / steps);
}

/** When an iteration that began in this shift is cut: after the grace, unless its VU is wanted again by then. */
export function cutUsOf(
  shift: Shift,
  gracefulUs: number,
  nextAfter: (elapsedUs: number) => Shift | undefined,
): number {
  let last = shift;
  while (last.isRampDown) {
    const endUs = last.untilUs + gracefulUs;
    const next = nextAfter(last.untilUs);
    if (next === undefined || next.fromUs > endUs) return endUs;
    last = next;
  }
  return Number.POSITIVE_INFINITY;
}
