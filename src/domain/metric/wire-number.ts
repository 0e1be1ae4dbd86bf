/**
 * How values become the whole numbers that merge, and back. All wire numbers are integers: counters × 10^6,
 * gauges and trends × 10^3, where a time trend is recorded in µs and k6 speaks of ms (so the same factor leads back).
 */
import type { Kind, Unit } from "./definition.ts";

export const COUNTER_SCALE = 1e6;
export const GAUGE_SCALE = 1e3;
export const TREND_SCALE = 1e3;

/** Largest amount one sample may add to a counter; beyond it the sample counts as rejected. */
export const COUNTER_SAMPLE_MAX = 1e12;

/** Largest size of a gauge's sample: wire numbers of a gauge stay below 2^51, so that their ZigZag is a safe integer. */
export const GAUGE_SAMPLE_MAX = 2 ** 51 / GAUGE_SCALE;

/** Factor from a recorded value to its wire number. A time trend is recorded in whole µs already. */
export function recordScale(kind: Kind, unit: Unit): number {
  if (kind === "counter") return COUNTER_SCALE;
  if (kind === "gauge") return GAUGE_SCALE;
  if (kind === "rate") return 1;
  return unit === "time" ? 1 : TREND_SCALE;
}
