/**
 * constant-arrival-rate: slot g of the whole is due at g × timeUnit / rate, the first at 0, and each leaf has its own
 * stripe of the slots, in proportion to its `maxVus` (k6). The slots due before the end are the planned iterations.
 * Arithmetic is on integers, so that nothing drifts: hour 24 is as exact as second 1.
 */
import type { Pace } from "../pace/pace.ts";
import { level } from "../pace/piece.ts";
import { defaulted, optional, required } from "../plan/field.ts";
import type { Place } from "../plan/place.ts";
import { duration, wholeNumber } from "../plan/reader.ts";
import { reshare, scaleShare, type Share } from "../segment/share.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { regularDuration, vus } from "./load-options.ts";

type Arrivals = Pick<ScenarioOf<"constant-arrival-rate">, "rate" | "timeUnitMs">;

/** Most arrivals per `timeUnit`: its square is still a safe integer, which `dueUsOf` needs to be exact. */
export const RATE_MAX = 90_000_000;

const SLOWER = 'less than 1 per second is a longer timeUnit: rate 1, timeUnit "2s"';

export const constantArrivalRate = defineExecutor("constant-arrival-rate", {
  options: {
    rate: required(wholeNumber(1, RATE_MAX, SLOWER)),
    timeUnit: defaulted(duration(1), 1000),
    duration: required(regularDuration),
    preAllocatedVUs: required(vus),
    maxVUs: optional(vus),
  },
  check: enoughVus,
  plan: ({ duration, maxVUs, preAllocatedVUs, rate, timeUnit }) => ({
    rate,
    timeUnitMs: timeUnit,
    durationMs: duration,
    preAllocatedVus: preAllocatedVUs,
    maxVus: maxVUs ?? preAllocatedVUs,
  }),
  pace,
});

/** VUs as far as they could be read. */
interface ArrivalVus {
  readonly preAllocatedVUs?: number | undefined;
  readonly maxVUs?: number | undefined;
}

/** Reports it if there may be fewer VUs than there are from the start. */
export function enoughVus({ preAllocatedVUs, maxVUs }: ArrivalVus, at: Place): boolean {
  if (preAllocatedVUs === undefined || maxVUs === undefined || maxVUs >= preAllocatedVUs) return true;
  at.in("maxVUs").report(`must be at least preAllocatedVUs (${preAllocatedVUs}), but is ${maxVUs}`);
  return false;
}

function pace(scenario: ScenarioOf<"constant-arrival-rate">, share: Share): Pace {
  const planned = scaleShare(reshare(share, scenario.maxVus), slotsOf(scenario, scenario.durationMs));
  const durationUs = usOf(scenario.durationMs);
  const dueUs = dueUsOf(scenario);
  const indexOf = indicesOf(share, scenario.maxVus);
  return {
    model: "open",
    vus: scaleShare(share, scenario.preAllocatedVus),
    vusMax: scaleShare(share, scenario.maxVus),
    planned,
    durationUs,
    asks: () => level(durationUs, (scenario.rate * 1000) / scenario.timeUnitMs),
    next: (elapsedUs, n) =>
      // A slot that was due in time may start a timer tick late: only the count ends an open model.
      n >= planned ? "stop" : dueUs(indexOf(n)) - elapsedUs,
    indexOf,
  };
}

/** How many slots are due before `durationMs`: ceil(duration × rate / timeUnit). */
export function slotsOf({ rate, timeUnitMs }: Arrivals, durationMs: number): number {
  const unit = BigInt(timeUnitMs);
  return Number((BigInt(durationMs) * BigInt(rate) + unit - 1n) / unit);
}

/**
 * When slot g is due: floor(g × timeUnit / rate) in µs. The product may pass 2^53, so it is taken apart into whole
 * µs between slots and a rest below `rate`, and g into whole time units and a rest below `rate`.
 */
export function dueUsOf({ rate, timeUnitMs }: Arrivals): (slot: number) => number {
  const unitUs = usOf(timeUnitMs);
  const stepUs = Math.floor(unitUs / rate);
  const stepRest = unitUs - stepUs * rate;
  return (slot) => {
    const units = Math.floor(slot / rate);
    const rest = slot - units * rate;
    return units * unitUs + rest * stepUs + Math.floor((rest * stepRest) / rate);
  };
}
