/**
 * What a plan asks of the whole mesh at a moment, for people who compare it with what was achieved: arrivals due so far
 * (open model) and VUs wanted (closed model). Pure; pacing itself is in the executors beside it.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { slotsOf } from "./constant-arrival-rate.ts";
import { plannedOf } from "./plan-totals.ts";

/** A scenario whose starts are due at instants, whoever is free. */
export const isOpen = (scenario: Scenario): boolean => scenario.executor === "constant-arrival-rate";

/** Iterations due in the first `elapsedMs` of the run; undefined for a scenario of the closed model. */
export function arrivalsDue(scenario: Scenario, elapsedMs: number): number | undefined {
  if (scenario.executor !== "constant-arrival-rate") return undefined;
  const own = Math.floor(Math.min(elapsedMs - scenario.startTimeMs, scenario.durationMs));
  return own <= 0 ? 0 : slotsOf(scenario, own);
}

/** VUs that a scenario of the closed model has at that time; undefined for one of the open model. */
export function vusWanted(scenario: Scenario, elapsedMs: number): number | undefined {
  if (scenario.executor === "constant-arrival-rate") return undefined;
  const own = elapsedMs - scenario.startTimeMs;
  return own >= 0 && own < regularMs(scenario) ? scenario.vus : 0;
}

/** How much of a scenario is done, 0 to 1: by time, or by iterations where their number ends it and that is further. */
export function progressOf(scenario: Scenario, elapsedMs: number, completed: number): number {
  const byTime = (elapsedMs - scenario.startTimeMs) / regularMs(scenario);
  const planned = isOpen(scenario) ? undefined : plannedOf(scenario);
  const byCount = planned === undefined ? 0 : completed / planned;
  return Math.max(0, Math.min(1, Math.max(byTime, byCount)));
}

const regularMs = (scenario: Scenario): number =>
  "durationMs" in scenario ? scenario.durationMs : scenario.maxDurationMs;
