/**
 * Types of the scenarios by executor, and the two things every executor shares: time in µs, and iteration indices
 * that are divided by whole VUs.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { reshare, type Share, stripeShare } from "../segment/share.ts";

/** The scenario of one executor. */
export type ScenarioOf<Executor extends Scenario["executor"]> = Extract<Scenario, { executor: Executor }>;

/** µs in a whole number of ms. */
export function usOf(milliseconds: number): number {
  return milliseconds * 1000;
}

/**
 * Global iteration indices of a leaf. k6 divides them by VUs only for shared iterations and arrival rates; we do it for
 * every executor, so that the indices in use have no holes that come from the division (one VU on eight workers counts
 * 0, 1, 2, … and not 0, 8, 16, …). Where weights divide the VUs evenly, both are the same.
 */
export function indicesOf(share: Share, vus: number): (n: number) => number {
  let stripe: ((n: number) => number) | undefined;
  return (n) => {
    stripe ??= stripeShare(reshare(share, vus));
    return stripe(n);
  };
}
