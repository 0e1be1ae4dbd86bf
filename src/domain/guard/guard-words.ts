/** Guard rails in words: for plans, notes and tables. Pure. */
import type { Guard, Guarded } from "../../../streams/schema/guard.ts";
import { durationText } from "../plan/duration.ts";

/** One entry for each rail and what it did, in a fixed order. */
export function sumGuarded(all: readonly Guarded[]): readonly Guarded[] {
  const sums = new Map<string, Guarded>();
  for (const each of all) {
    const key = `${each.did} ${each.rail}`;
    sums.set(key, { ...each, requests: each.requests + (sums.get(key)?.requests ?? 0) });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** What a guard holds a run to, one phrase each; none where it holds nobody to anything. */
export function guardWords(guard: Guard): readonly string[] {
  const { allowDenied, deny, maxDurationMs, maxRate, maxRequests, maxVus, targets } = guard;
  return [
    ...(targets === undefined ? [] : [`targets ${targets.join(", ") || "none"}`]),
    ...(deny === undefined ? [] : [`deny ${deny.join(", ")}`]),
    ...(allowDenied === undefined ? [] : [`allowDenied ${allowDenied.join(", ")}`]),
    ...(maxRate === undefined ? [] : [`maxRate ${maxRate}/s`]),
    ...(maxRequests === undefined ? [] : [`maxRequests ${maxRequests}`]),
    ...(maxVus === undefined ? [] : [`maxVus ${maxVus}`]),
    ...(maxDurationMs === undefined ? [] : [`maxDuration ${durationText(maxDurationMs)}`]),
  ];
}
