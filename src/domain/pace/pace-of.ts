/** The pace of a scenario, by its executor. */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { executorOf } from "../executor/executors.ts";
import type { Share } from "../segment/share.ts";
import type { Pace } from "./pace.ts";

/** The pace of `scenario` on the leaf that holds `share`. */
export function paceOf(scenario: Scenario, share: Share): Pace {
  const executor = executorOf(scenario.executor);
  if (executor === undefined) throw new Error(`No executor is called "${scenario.executor}"`);
  return executor.pace(scenario, share);
}
