/** The pace of a scenario, by its executor. */
import type { Scenario } from "../../../streams/schema/plan.ts";
import type { Share } from "../segment/share.ts";
import { constantArrivalRatePace } from "./constant-arrival-rate.ts";
import { constantVusPace } from "./constant-vus.ts";
import type { Pace } from "./pace.ts";
import { perVuIterationsPace } from "./per-vu-iterations.ts";
import { sharedIterationsPace } from "./shared-iterations.ts";

/** The pace of `scenario` on the leaf that holds `share`. */
export function paceOf(scenario: Scenario, share: Share): Pace {
  switch (scenario.executor) {
    case "constant-vus":
      return constantVusPace(scenario, share);
    case "shared-iterations":
      return sharedIterationsPace(scenario, share);
    case "per-vu-iterations":
      return perVuIterationsPace(scenario, share);
    case "constant-arrival-rate":
      return constantArrivalRatePace(scenario, share);
  }
}
