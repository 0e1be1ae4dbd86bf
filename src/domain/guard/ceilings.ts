/**
 * The ceilings of a zone's owner: how they are divided among the nodes below, and what of a plan goes beyond those that a plan
 * alone can break. Parts are whole numbers that sum to the ceiling (segment law), however often they are divided. Pure.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Division, Share } from "../../../streams/schema/share.ts";
import { paceOf } from "../pace/pace-of.ts";
import { loadMsOf } from "../pace/plan-totals.ts";
import { COMMON_DEFAULTS } from "../executor/executor.ts";
import { durationText } from "../plan/duration.ts";
import { STAGE_TIMEOUT_MS } from "../plan/stage-timeout.ts";
import { scale } from "../segment/sequence.ts";

/** Rates are divided in requests per 1,000 s: one per second is enough for a thousand workers. */
export const RATE_UNITS = 1000;

/** What is left of guards for one child of a node. */
export function divideGuards(guards: readonly Guard[], { index, weights }: Division): readonly Guard[] {
  const partOf = (whole: number) => scale(weights, index, whole);
  const sum = (some: readonly number[]) => some.reduce((all, weight) => all + weight, 0);
  const before = sum(weights.slice(0, index)) / Math.max(1, sum(weights));
  return guards.map((guard) => {
    const { maxRate, maxRequests, part } = guard;
    const rate = part?.rate ?? (maxRate === undefined ? undefined : maxRate * RATE_UNITS);
    const requests = part?.requests ?? maxRequests;
    if (rate === undefined && requests === undefined) return guard;
    return {
      ...guard,
      part: {
        ...(rate === undefined
          ? {}
          : { rate: partOf(rate), rateBefore: (part?.rateBefore ?? 0) + Math.floor(rate * before) }),
        ...(requests === undefined ? {} : { requests: partOf(requests) }),
      },
    };
  });
}

/** Why a share may not be taken, in one sentence; undefined when no ceiling forbids it. */
export function beyondCeilings(guards: readonly Guard[], plan: Plan, share: Share): string | undefined {
  const vus = Object.values(plan.scenarios).reduce((sum, each) => sum + paceOf(each, share).vusMax, 0);
  const durationMs = loadMsOf(plan.scenarios);
  const [slowest] = waitsOf(plan).toSorted((a, b) => b.ms - a.ms);
  for (const { maxDurationMs, maxVus, zone } of guards) {
    if (maxVus !== undefined && vus > maxVus)
      return `${plan.script} wants up to ${vus} VUs in zone ${zone}, whose owner allows ${maxVus} (maxVus)`;
    if (maxDurationMs !== undefined && durationMs > maxDurationMs)
      return (
        `${plan.script} runs for ${durationText(durationMs)}, and the owner of zone ${zone} allows ` +
        `${durationText(maxDurationMs)} (maxDuration)`
      );
    if (maxDurationMs !== undefined && slowest !== undefined && slowest.ms > maxDurationMs)
      return (
        `${plan.script} may go on for ${durationText(slowest.ms)} in ${slowest.what}, and the owner of zone ${zone} allows ` +
        `${durationText(maxDurationMs)} (maxDuration)`
      );
  }
  return undefined;
}

/** How long a plan waits for code that goes on before, after or beyond its load. Nobody asked for what is usual. */
const waitsOf = ({ scenarios, setupTimeoutMs, teardownTimeoutMs }: Plan) =>
  [
    ...Object.entries(scenarios).map(([name, { gracefulStopMs }]) => ({
      what: `gracefulStop of ${name}`,
      ms: gracefulStopMs,
      usualMs: COMMON_DEFAULTS.gracefulStopMs,
    })),
    { what: "setup (setupTimeout)", ms: setupTimeoutMs, usualMs: STAGE_TIMEOUT_MS },
    { what: "teardown (teardownTimeout)", ms: teardownTimeoutMs, usualMs: STAGE_TIMEOUT_MS },
  ].filter(({ ms, usualMs }) => ms > usualMs);
