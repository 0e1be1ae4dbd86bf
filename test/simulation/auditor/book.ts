/** What the target's book says of agents and scenarios, counted plainly. */
import type { Seen } from "./evidence.ts";
import { addBuckets, bucketsOf } from "./histogram.ts";
import { keyOf, type Total, type Totals } from "./totals.ts";

/** The samples that answered requests make, as the report counts them. */
export function samplesOf(seen: readonly Seen[]): Totals {
  const totals: Totals = new Map();
  const at = (metric: string, { scenario, status }: Seen): Total => {
    const key = keyOf(metric, scenario, String(status));
    const total = totals.get(key) ?? { sum: 0n, count: 0, buckets: new Map() };
    totals.set(key, total);
    return total;
  };
  for (const each of seen.filter(({ isAnswered }) => isAnswered)) {
    at("http_reqs", each).sum += 1_000_000n;
    const failed = at("http_req_failed", each);
    failed.sum += each.status === 200 ? 0n : 1n;
    failed.count += 1;
    const duration = at("http_req_duration", each);
    duration.sum += BigInt(each.serviceUs);
    duration.count += 1;
    addBuckets(duration.buckets, bucketsOf([each.serviceUs]));
  }
  return totals;
}

export interface Ends {
  readonly started: number;
  readonly completed: number;
  readonly interrupted: number;
}

/** Iterations: each begins with a request, and is complete with the answer to its last. */
export function endsOf(seen: readonly Seen[]): Ends {
  const iterations = new Set<string>();
  let completed = 0;
  for (const { isAbort, isAnswered, isLast, iteration, scenario, stage, worker, zone } of seen) {
    if (stage !== "") continue;
    iterations.add(`${zone} ${worker} ${scenario} ${iteration}`);
    if (isLast && isAnswered && !isAbort) completed += 1;
  }
  return { started: iterations.size, completed, interrupted: iterations.size - completed };
}

/** Iterations that the plan alone gives a scenario; undefined where they are as many as are started. */
export function plannedOf(scenario: {
  readonly executor: string;
  readonly vus?: number;
  readonly iterations?: number;
  readonly rate?: number;
  readonly timeUnitMs?: number;
  readonly durationMs?: number;
  readonly startRate?: number;
  readonly stages?: readonly { readonly durationMs: number; readonly target: number }[];
}): number | undefined {
  const { durationMs = 0, executor, iterations = 0, rate = 0, timeUnitMs = 1000, vus = 0 } = scenario;
  if (executor === "shared-iterations") return iterations;
  if (executor === "per-vu-iterations") return vus * iterations;
  // Slot g is due at g × unit / rate: count those before the end, one by one.
  if (executor === "constant-arrival-rate") {
    let slots = 0;
    while (slots * timeUnitMs < durationMs * rate) slots += 1;
    return slots;
  }
  // The area under the rate: of each stage its length times the mean of its ends.
  if (executor === "ramping-arrival-rate") {
    let [from, doubled] = [scenario.startRate ?? 0, 0];
    for (const { durationMs, target } of scenario.stages ?? []) {
      doubled += (from + target) * durationMs;
      from = target;
    }
    return Math.floor(doubled / (2 * timeUnitMs));
  }
  return undefined;
}
