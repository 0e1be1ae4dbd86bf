/**
 * Durations as k6 writes them: "30s", "1m30s", "500ms", "1h", "1d12h", "1.5s", or a number of milliseconds. The result
 * is whole milliseconds; what is finer is refused rather than rounded.
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d)/g;
const WHOLE = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d))+$/;
const BARE = /^(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Longest duration anywhere in a plan: 24 days, the last whole day that fits a timer (2^31 ms). */
export const DURATION_MAX_MS = 24 * 86_400_000;

/** Milliseconds of a duration as written, or undefined if it is not one. May be negative, huge or not whole. */
export function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  if (BARE.test(value)) return Number(value);
  if (!WHOLE.test(value)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of value.matchAll(PART)) sum += Number(amount) * UNIT_MS[unit!]!;
  // Fractions of a unit are decimal, their products in binary are not: 0.0003s is 0.3 ms, give or take 2^-54.
  const nearest = Math.round(sum);
  return Math.abs(sum - nearest) < 1e-7 ? nearest : sum;
}

/** A duration as a person would write it: 90000 → "1m30s". */
export function durationText(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const amount = Math.floor(rest / UNIT_MS[unit]!);
    rest -= amount * UNIT_MS[unit]!;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === "" ? "0s" : text;
}
