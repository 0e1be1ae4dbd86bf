/**
 * Options of load that several executors and the shortcuts have in common: VUs, iterations and durations, by k6's names,
 * defaults and limits.
 */
import { defaulted, type Reader } from "../plan/field.ts";
import { DURATION_MIN_MS, ITERATIONS_MAX, VUS_MAX } from "../plan/limits.ts";
import { duration, wholeNumber } from "../plan/reader.ts";

export const vus: Reader<number> = wholeNumber(1, VUS_MAX);
export const iterations: Reader<number> = wholeNumber(1, ITERATIONS_MAX);
export const regularDuration: Reader<number> = duration(DURATION_MIN_MS);

/** Longest regular duration of an executor that counts iterations, when nothing is said. */
export const MAX_DURATION_MS = 600_000;

/** The options of the executors that count iterations. */
export const counts = {
  vus: defaulted(vus, 1),
  iterations: defaulted(iterations, 1),
  maxDuration: defaulted(regularDuration, MAX_DURATION_MS),
};
