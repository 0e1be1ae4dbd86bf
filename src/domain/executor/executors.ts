/** The executors that exist, by k6's names. The schemas of their scenarios are in `streams/schema/plan.ts`. */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { constantArrivalRate } from "./constant-arrival-rate.ts";
import { constantVus } from "./constant-vus.ts";
import type { Executor } from "./executor.ts";
import { perVuIterations } from "./per-vu-iterations.ts";
import { rampingArrivalRate } from "./ramping-arrival-rate.ts";
import { rampingVus } from "./ramping-vus.ts";
import { sharedIterations } from "./shared-iterations.ts";

const EXECUTORS: { readonly [Name in Scenario["executor"]]: Executor<Name> } = {
  "constant-vus": constantVus,
  "shared-iterations": sharedIterations,
  "per-vu-iterations": perVuIterations,
  "constant-arrival-rate": constantArrivalRate,
  "ramping-vus": rampingVus,
  "ramping-arrival-rate": rampingArrivalRate,
};

/** Their names, in the order in which people are told them. */
export const EXECUTOR_NAMES: readonly string[] = Object.keys(EXECUTORS);

/** The executor of that name; undefined when there is none. */
export function executorOf(name: string): Executor<Scenario["executor"]> | undefined {
  return Object.hasOwn(EXECUTORS, name)
    ? (EXECUTORS[name as Scenario["executor"]] as Executor<Scenario["executor"]>)
    : undefined;
}
