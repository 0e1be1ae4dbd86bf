/**
 * The ceilings of a zone's owner: how they are divided among the nodes below, and what of a plan goes beyond those that a plan
 * alone can break. Parts are whole numbers that sum to the ceiling (segment law), however often they are divided. Pure.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Division, Share } from "../../../streams/schema/share.ts";
import { paceOf } from "../pace/pace-of.ts";
import { loadMsOf } from "../pace/plan-totals.ts";
import { durationText } from "../plan/duration.ts";
import { scale } from "../segment/sequence.ts";

/** Rates are divided in requests per 1,000 s: one per second is enough for a thousand workers. */
export const RATE_UNITS = 1000;

/** What is left of guards for one child of a node. */
export function divideGuards(guards: readonly Guard[], { index, weights }: Division): readonly Guard[] {
  const partOf = (whole: number) => scale(weights, index, whole);
  return guards.map((guard) => {
    const { maxRate, maxRequests, part } = guard;
    const rate = part?.rate ?? (maxRate === undefined ? undefined : maxRate * RATE_UNITS);
    const requests = part?.requests ?? maxRequests;
    if (rate === undefined && requests === undefined) return guard;
    return {
      ...guard,
      part: {
        ...(rate === undefined ? {} : { rate: partOf(rate) }),
        ...(requests === undefined ? {} : { requests: partOf(requests) }),
      },
    };
  });
}

/** Why a share may not be taken, in one sentence; undefined when no ceiling forbids it. */
export function beyondCeilings(guards: readonly Guard[], plan: Plan, share: Share): string | undefined {
  const vus = Object.values(plan.scenarios).reduce((sum, each) => sum + paceOf(each, share).vusMax, 0);
  const durationMs = loadMsOf(plan.scenarios);
  for (const { maxDurationMs, maxVus, zone } of guards) {
    if (maxVus !== undefined && vus > maxVus)
      return `${plan.script} wants up to ${vus} VUs in zone ${zone}, whose owner allows ${maxVus} (maxVus)`;
    if (maxDurationMs !== undefined && durationMs > maxDurationMs)
      return (
        `${plan.script} runs for ${durationText(durationMs)}, and the owner of zone ${zone} allows ` +
        `${durationText(maxDurationMs)} (maxDuration)`
      );
  }
  return undefined;
}
