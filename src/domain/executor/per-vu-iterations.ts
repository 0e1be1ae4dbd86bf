/**
 * per-vu-iterations: each VU does exactly so many. Only the VUs are divided; dividing both would count the share twice.
 */
import type { Pace } from "../pace/pace.ts";
import { level } from "../pace/piece.ts";
import { scaleShare, type Share } from "../segment/share.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { counts } from "./load-options.ts";

export const perVuIterations = defineExecutor("per-vu-iterations", {
  options: counts,
  plan: ({ iterations, maxDuration, vus }) => ({ vus, iterations, maxDurationMs: maxDuration }),
  pace,
});

function pace(scenario: ScenarioOf<"per-vu-iterations">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const planned = vus * scenario.iterations;
  const durationUs = usOf(scenario.maxDurationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned,
    durationUs,
    asks: () => level(durationUs, scenario.vus),
    next: (elapsedUs, n, byVu) =>
      n >= planned || byVu >= scenario.iterations || elapsedUs >= durationUs ? "stop" : 0,
    indexOf: indicesOf(share, scenario.vus),
  };
}
