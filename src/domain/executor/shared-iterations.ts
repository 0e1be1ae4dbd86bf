/**
 * shared-iterations: a fixed number of iterations, taken by whichever VU is free. Leaves share nothing while they
 * run: each has its own part, in proportion to its VUs (k6 does the same between instances).
 */
import type { Pace } from "../pace/pace.ts";
import { level } from "../pace/piece.ts";
import type { Place } from "../plan/place.ts";
import { reshare, scaleShare, type Share } from "../segment/share.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { counts } from "./load-options.ts";

export const sharedIterations = defineExecutor("shared-iterations", {
  options: counts,
  check: (options, at) => enoughIterations(options, at.in("iterations")),
  plan: ({ iterations, maxDuration, vus }) => ({ vus, iterations, maxDurationMs: maxDuration }),
  pace,
});

/** VUs and iterations as far as they could be read. */
interface Counts {
  readonly vus?: number | undefined;
  readonly iterations?: number | undefined;
}

/** Reports it if there are fewer shared iterations than VUs: some VUs could never run one. */
export function enoughIterations({ vus, iterations }: Counts, at: Place): boolean {
  if (vus === undefined || iterations === undefined || iterations >= vus) return true;
  const message = `must be at least the number of VUs (${vus}), but is ${iterations}`;
  at.report(message, "lower `vus`, or raise `iterations`");
  return false;
}

function pace(scenario: ScenarioOf<"shared-iterations">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const planned = scaleShare(reshare(share, scenario.vus), scenario.iterations);
  const durationUs = usOf(scenario.maxDurationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned,
    durationUs,
    asks: () => level(durationUs, scenario.vus),
    next: (elapsedUs, n) => (n >= planned || elapsedUs >= durationUs ? "stop" : 0),
    indexOf: indicesOf(share, scenario.vus),
  };
}
