/**
 * constant-vus: each VU starts its next iteration at once, until the duration is over. The VUs are divided by share.
 */
import type { Pace } from "../pace/pace.ts";
import { level } from "../pace/piece.ts";
import { defaulted, required } from "../plan/field.ts";
import { scaleShare, type Share } from "../segment/share.ts";
import { defineExecutor, indicesOf, type ScenarioOf, usOf } from "./executor.ts";
import { regularDuration, vus } from "./load-options.ts";

export const constantVus = defineExecutor("constant-vus", {
  options: { vus: defaulted(vus, 1), duration: required(regularDuration) },
  plan: ({ duration, vus }) => ({ vus, durationMs: duration }),
  pace,
});

function pace(scenario: ScenarioOf<"constant-vus">, share: Share): Pace {
  const vus = scaleShare(share, scenario.vus);
  const durationUs = usOf(scenario.durationMs);
  return {
    model: "closed",
    vus,
    vusMax: vus,
    planned: undefined,
    durationUs,
    asks: () => level(durationUs, scenario.vus),
    next: (elapsedUs) => (vus === 0 || elapsedUs >= durationUs ? "stop" : 0),
    indexOf: indicesOf(share, scenario.vus),
  };
}
