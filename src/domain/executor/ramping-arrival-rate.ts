/**
 * ramping-arrival-rate: slot g of the whole is due when the area under the rate is g + 1 (`pace/rate-line.ts`), and each
 * leaf has its own stripe of the slots, in proportion to its `maxVus`, as with a constant rate.
 */
import type { Pace } from "../pace/pace.ts";
import { slopes } from "../pace/piece.ts";
import { rateLine, STAGE_RATE_MAX } from "../pace/rate-line.ts";
import { defaulted, optional, required } from "../plan/field.ts";
import type { Place } from "../plan/place.ts";
import { duration, wholeNumber } from "../plan/reader.ts";
import { reshare, scaleShare, type Share } from "../segment/share.ts";
import { enoughVus } from "./constant-arrival-rate.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { vus } from "./load-options.ts";
import { type Stages, stagesTo } from "./stages.ts";

const SLOWER = 'less than 1 per second is a longer timeUnit: target 30, timeUnit "1m"';
const TIME_UNIT_MS = 1000;

export const rampingArrivalRate = defineExecutor("ramping-arrival-rate", {
  options: {
    startRate: defaulted(wholeNumber(0, STAGE_RATE_MAX, SLOWER), 0),
    timeUnit: defaulted(duration(1), TIME_UNIT_MS),
    stages: required(stagesTo(STAGE_RATE_MAX, SLOWER)),
    preAllocatedVUs: required(vus),
    maxVUs: optional(vus),
  },
  check: (options, at) => {
    const checks = [enoughVus(options, at), someArrival(options, at)];
    return checks.every(Boolean);
  },
  plan: ({ maxVUs, preAllocatedVUs, stages, startRate, timeUnit }) => ({
    startRate,
    timeUnitMs: timeUnit,
    stages,
    preAllocatedVus: preAllocatedVUs,
    maxVus: maxVUs ?? preAllocatedVUs,
  }),
  pace,
});

/** Options as far as they could be read. */
interface Ramp {
  readonly startRate?: number | undefined;
  readonly timeUnit?: number | undefined;
  readonly stages?: Stages | undefined;
}

function someArrival({ stages, startRate, timeUnit }: Ramp, at: Place): boolean {
  if (stages === undefined || startRate === undefined || timeUnit === undefined) return true;
  if (rateLine(startRate, usOf(timeUnit), stages).slots > 0) return true;
  at.in("stages").report(
    "start no iteration: the rates add up to less than one",
    "raise the `target` of a stage",
  );
  return false;
}

function pace(scenario: ScenarioOf<"ramping-arrival-rate">, share: Share): Pace {
  const { maxVus, preAllocatedVus, stages, startRate, timeUnitMs } = scenario;
  const line = rateLine(startRate, usOf(timeUnitMs), stages);
  const planned = scaleShare(reshare(share, maxVus), line.slots);
  const indexOf = indicesOf(share, maxVus);
  return {
    model: "open",
    vus: scaleShare(share, preAllocatedVus),
    vusMax: scaleShare(share, maxVus),
    planned,
    durationUs: line.durationUs,
    asks: () => slopes(startRate, stages, 1000 / timeUnitMs),
    next: (elapsedUs, n) => (n >= planned ? "stop" : line.dueUs(indexOf(n)) - elapsedUs),
    indexOf,
  };
}
