/**
 * What a scenario asks over time: VUs of the closed model, iterations per second of the open one. Both come from its pace
 * alone, so every executor has them. Pure; a curve is a list of values at even steps of the plan's time.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { paceOf } from "../pace/pace-of.ts";
import { arrivalsDue, isOpen, vusWanted } from "../pace/target.ts";

/** Undefined where the scenario does not run. */
export type Curve = readonly (number | undefined)[];

/** How often VUs are looked at within one step: a short peak shows. */
const LOOKS = 4;

/** `steps` values over the first `wholeMs` of a plan. */
export function curveOf(scenario: Scenario, wholeMs: number, steps: number): Curve {
  const at = (step: number) => (step * wholeMs) / steps;
  const value = isOpen(scenario) ? arrivalRate(scenario) : mostVus(scenario);
  return Array.from({ length: steps }, (_, step) => value(at(step), at(step + 1)));
}

/** A scenario's curve, each value by how much of its step the scenario runs. */
interface Weighed {
  readonly curve: Curve;
  readonly shares: readonly number[];
}

export function weighedOf(scenario: Scenario, wholeMs: number, steps: number): Weighed {
  const curve = curveOf(scenario, wholeMs, steps);
  const { startTimeMs: startMs } = scenario;
  const endMs = startMs + paceOf(scenario, []).durationUs / 1000;
  const stepMs = wholeMs / steps;
  const shares = curve.map((_, step) => {
    const withinMs = Math.min(endMs, (step + 1) * stepMs) - Math.max(startMs, step * stepMs);
    return Math.max(0, withinMs / stepMs);
  });
  return { curve, shares };
}

/**
 * What several scenarios ask together. Where one follows the other within a step they are not counted as if both ran all
 * the time. Undefined where none runs.
 */
export function totalOf(weighed: readonly Weighed[]): Curve {
  return (weighed[0]?.curve ?? []).map((_, step) => {
    const values = weighed.flatMap(({ curve, shares }) => {
      const value = curve[step];
      return value === undefined ? [] : value * (shares[step] ?? 0);
    });
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  });
}

type OverTime = (fromMs: number, toMs: number) => number | undefined;

const runsWithin = (scenario: Scenario, fromMs: number, toMs: number): boolean => {
  const startMs = scenario.startTimeMs;
  return toMs > startMs && fromMs < startMs + paceOf(scenario, []).durationUs / 1000;
};

const mostVus =
  (scenario: Scenario): OverTime =>
  (fromMs, toMs) => {
    if (!runsWithin(scenario, fromMs, toMs)) return undefined;
    const looks = Array.from({ length: LOOKS }, (_, n) => fromMs + ((toMs - fromMs) * (n + 0.5)) / LOOKS);
    return Math.max(...looks.map((ms) => vusWanted(scenario, ms) ?? 0));
  };

/**
 * Iterations per second between two instants, from the times between their slots, not from how many happen to lie
 * within: a steady rate is a steady line, however short the step.
 */
function arrivalRate(scenario: Scenario): OverTime {
  const pace = paceOf(scenario, []);
  const last = (pace.planned ?? 0) - 1;
  // At elapsed 0 the wait for a slot is the time at which it is due.
  const dueUs = (slot: number) => Number(pace.next(0, slot, 0));
  const ownUs = (ms: number) => (ms - scenario.startTimeMs) * 1000;
  return (fromMs, toMs) => {
    if (!runsWithin(scenario, fromMs, toMs)) return undefined;
    if (last < 1) return ((last + 1) * 1e6) / pace.durationUs;
    const [before, until] = [arrivalsDue(scenario, fromMs) ?? 0, arrivalsDue(scenario, toMs) ?? 0];
    // With fewer than two slots within, the neighbours tell how far apart they are.
    const isDense = until - before >= 2;
    const to = Math.min(last, isDense ? until - 1 : Math.max(1, until));
    const from = Math.min(to - 1, isDense ? before : Math.max(0, before - 1));
    // Behind the last slot nothing comes any more: what has passed since says how little that is.
    const sinceUs = !isDense && until > last ? ownUs((fromMs + toMs) / 2) - dueUs(last) : 0;
    return ((to - from) * 1e6) / Math.max(1, dueUs(to) - dueUs(from), sinceUs);
  };
}
