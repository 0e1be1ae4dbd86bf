/**
 * constant-vus: each VU starts its next iteration at once, until the duration is over. The VUs are divided by share.
 */
import { scaleShare, type Share } from "../segment/share.ts";
import { indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import type { Pace } from "./pace.ts";

export function constantVusPace(scenario: ScenarioOf<"constant-vus">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const durationUs = usOf(scenario.durationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned: undefined,
    durationUs,
    next: (elapsedUs) => (vus === 0 || elapsedUs >= durationUs ? "stop" : 0),
    indexOf: indicesOf(share, scenario.vus),
  };
}
