/**
 * What a plan's scenarios amount to on the whole or on one node: iterations planned, VUs, and their global numbers.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { type Share, stripeShare } from "../segment/share.ts";
import { paceOf } from "./pace-of.ts";

type Scenarios = Readonly<Record<string, Scenario>>;

/** Iterations that the plan alone gives the whole scenario; undefined where it loops by time. */
export function plannedOf(scenario: Scenario): number | undefined {
  return paceOf(scenario, []).planned;
}

/** The regular duration of a scenario on the whole, from its own start, in µs. */
export function durationUsOf(scenario: Scenario): number {
  return paceOf(scenario, []).durationUs;
}

/** When the last scenario's regular duration is over, ms after the start. */
export function loadMsOf(scenarios: Scenarios): number {
  const ends = Object.values(scenarios).map((each) => each.startTimeMs + durationUsOf(each) / 1000);
  return Math.max(0, ...ends);
}

/** VUs that the node with this share initialises before the start, over all scenarios. */
export function vusOf(scenarios: Scenarios, share: Share): number {
  return Object.values(scenarios).reduce((sum, scenario) => sum + paceOf(scenario, share).vus, 0);
}

/**
 * The largest number of workers that would have work on the node with this share; 0 if it has none at all. An open
 * scenario counts its pre-allocated VUs: a worker that starts without any would drop its first iterations.
 */
export function workersUseful(scenarios: Scenarios, share: Share): number {
  const useful = Object.values(scenarios).map((scenario) => {
    const { vus, vusMax } = paceOf(scenario, share);
    return Math.max(vus, vusMax > 0 ? 1 : 0);
  });
  return Math.max(0, ...useful);
}

/**
 * Global number of a VU in its scenario, from 1, given its local number on this leaf, from 0. Unique over all leaves
 * and at most the scenario's VUs; those initialised before the start have the lower numbers.
 */
export function vuNumberOf(scenario: Scenario, share: Share): (localVu: number) => number {
  if (paceOf(scenario, share).vusMax === 0) return noVuHere;
  const slotOf = stripeShare(share);
  return (localVu) => slotOf(localVu) + 1;
}

function noVuHere(): never {
  throw new RangeError("this leaf has no VUs in this scenario");
}
