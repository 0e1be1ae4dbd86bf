/**
 * What a plan asks of the whole mesh at a moment, for people who compare it with what was achieved: arrivals due so far
 * (open model) and VUs wanted (closed model). Pure; whatever the executor is, its pace has the answers.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { paceOf } from "./pace-of.ts";
import { durationUsOf, plannedOf } from "./plan-totals.ts";

/** A scenario whose starts are due at instants, whoever is free. */
export const isOpen = (scenario: Scenario): boolean => paceOf(scenario, []).model === "open";

/** Iterations due in the first `elapsedMs` of the run; undefined for a scenario of the closed model. */
export function arrivalsDue(scenario: Scenario, elapsedMs: number): number | undefined {
  const pace = paceOf(scenario, []);
  if (pace.model === "closed") return undefined;
  // A ramp may end with a start that is due at its very end.
  const ownUs = Math.min(Math.floor(elapsedMs - scenario.startTimeMs) * 1000, pace.durationUs + 1);
  // The first start that is not due yet, by halves: starts are due in their order.
  let [from, to] = [0, pace.planned ?? 0];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (Number(pace.next(0, middle, 0)) < ownUs) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** VUs that a scenario of the closed model has at that time; undefined for one of the open model. */
export function vusWanted(scenario: Scenario, elapsedMs: number): number | undefined {
  const { durationUs, model, ramp, vus } = paceOf(scenario, []);
  if (model === "open") return undefined;
  const ownUs = (elapsedMs - scenario.startTimeMs) * 1000;
  if (ramp !== undefined) return ramp.vusAt(ownUs);
  return ownUs >= 0 && ownUs < durationUs ? vus : 0;
}

/** How much of a scenario is done, 0 to 1: by time, or by iterations where their number ends it and that is further. */
export function progressOf(scenario: Scenario, elapsedMs: number, completed: number): number {
  const byTime = ((elapsedMs - scenario.startTimeMs) * 1000) / durationUsOf(scenario);
  const planned = isOpen(scenario) ? undefined : plannedOf(scenario);
  const byCount = planned === undefined ? 0 : completed / planned;
  return Math.max(0, Math.min(1, Math.max(byTime, byCount)));
}
