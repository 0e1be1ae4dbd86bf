/**
 * shared-iterations: a fixed number of iterations, taken by whichever VU is free. Leaves share nothing while they
 * run: each has its own part, in proportion to its VUs (k6 does the same between instances).
 */
import { reshare, scaleShare, type Share } from "../segment/share.ts";
import { indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import type { Pace } from "./pace.ts";

export function sharedIterationsPace(scenario: ScenarioOf<"shared-iterations">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const planned = scaleShare(reshare(share, scenario.vus), scenario.iterations);
  const durationUs = usOf(scenario.maxDurationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned,
    durationUs,
    next: (elapsedUs, n) => (n >= planned || elapsedUs >= durationUs ? "stop" : 0),
    indexOf: indicesOf(share, scenario.vus),
  };
}
