/**
 * per-vu-iterations: each VU does exactly so many. Only the VUs are divided; dividing both would count the share twice.
 */
import { scaleShare, type Share } from "../segment/share.ts";
import { indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import type { Pace } from "./pace.ts";

export function perVuIterationsPace(scenario: ScenarioOf<"per-vu-iterations">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const planned = vus * scenario.iterations;
  const durationUs = usOf(scenario.maxDurationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned,
    durationUs,
    next: (elapsedUs, n, byVu) =>
      n >= planned || byVu >= scenario.iterations || elapsedUs >= durationUs ? "stop" : 0,
    indexOf: indicesOf(share, scenario.vus),
  };
}
