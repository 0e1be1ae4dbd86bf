/**
 * ramping-vus: as many VUs loop as the line through the stages says, by k6's staircase (`pace/vu-line.ts`). All VUs that
 * the stages ever want are initialised before the start; each leaf has the VUs whose numbers are its own.
 */
import type { Pace } from "../pace/pace.ts";
import { slopes } from "../pace/piece.ts";
import { vuLine } from "../pace/vu-line.ts";
import { defaulted, required } from "../plan/field.ts";
import { VUS_MAX } from "../plan/limits.ts";
import type { Place } from "../plan/place.ts";
import { duration, wholeNumber } from "../plan/reader.ts";
import { scaleShare, type Share, stripeShare } from "../segment/share.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { type Stages, vuStages } from "./stages.ts";

/** What the plan has when nothing is said. */
export const RAMP_DEFAULTS = { startVus: 1, gracefulRampDownMs: 30_000 } as const;

export const rampingVus = defineExecutor("ramping-vus", {
  options: {
    startVUs: defaulted(wholeNumber(0, VUS_MAX), RAMP_DEFAULTS.startVus),
    stages: required(vuStages),
    gracefulRampDown: defaulted(duration(0), RAMP_DEFAULTS.gracefulRampDownMs),
  },
  check: someVus,
  plan: ({ gracefulRampDown, stages, startVUs }) => ({
    startVus: startVUs,
    stages,
    gracefulRampDownMs: gracefulRampDown,
  }),
  pace,
});

/** Options as far as they could be read. */
interface Ramp {
  readonly startVUs?: number | undefined;
  readonly stages?: Stages | undefined;
}

function someVus({ stages, startVUs }: Ramp, at: Place): boolean {
  if (startVUs !== 0 || stages === undefined || stages.some(({ target }) => target > 0)) return true;
  at.in("stages").report("want no VU at any time", "raise `startVUs` or the `target` of a stage");
  return false;
}

function pace(scenario: ScenarioOf<"ramping-vus">, share: Share): Pace {
  const line = vuLine(scenario.startVus, scenario.stages);
  const vus = scaleShare(share, line.most);
  let slotOf: ((vu: number) => number) | undefined;
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned: undefined,
    durationUs: line.durationUs,
    asks: () => slopes(scenario.startVus, scenario.stages),
    next: (elapsedUs) => (vus === 0 || elapsedUs >= line.durationUs ? "stop" : 0),
    indexOf: indicesOf(share, line.most),
    ramp: {
      gracefulUs: usOf(scenario.gracefulRampDownMs),
      vusAt: (elapsedUs) => scaleShare(share, line.at(elapsedUs)),
      shiftOf: (vu, elapsedUs) => {
        slotOf ??= stripeShare(share);
        return line.shiftOf(slotOf(vu) + 1, elapsedUs);
      },
    },
  };
}
