/**
 * The timeframe of a threshold, what may stand behind its condition (Taurus's words, for what must hold instead of what
 * fails): `for 10s` is crossed when the condition was false in 10 seconds in a row, `within 30s` looks at the last 30 s,
 * `over 30s` does so once 30 s have passed. Grammar only; `windowed.ts` judges.
 */
import { durationText, millisecondsOf } from "../plan/duration.ts";

const LOGICS = ["for", "within", "over"] as const;

export interface Timeframe {
  readonly logic: (typeof LOGICS)[number];
  /** Whole seconds, so that it means the same in windows of 1 s and of 200 ms. */
  readonly seconds: number;
}

/** Root keeps what fell into each second of it. */
export const TIMEFRAME_SECONDS_MAX = 600;

const EXAMPLE = 'as in "p(99)<300 for 10s"';

/** Reads what stands behind a condition, or says what is wrong with it. */
export function parseTimeframe(text: string): Timeframe | string {
  const [word = "", time, ...rest] = text.trim().split(/\s+/);
  const logic = LOGICS.find((known) => known === word);
  if (logic === undefined)
    return `"${word}" may not follow a condition; ${LOGICS.join(", ")} may, ${EXAMPLE}`;
  if (time === undefined) return `"${word}" needs a time, ${EXAMPLE}`;
  if (rest.length > 0) return `nothing may follow the time: "${rest.join(" ")}"`;
  const seconds = secondsOf(time);
  return typeof seconds === "string" ? seconds : { logic, seconds };
}

/** A timeframe where its condition is missing: what to write instead. */
export const startsWithLogic = (text: string): string | undefined =>
  LOGICS.some((logic) => text.trim().split(/\s/)[0] === logic)
    ? `a timeframe needs a condition before it, ${EXAMPLE}`
    : undefined;

function secondsOf(time: string): number | string {
  if (/^[\d.]+$/.test(time)) return `"${time}" has no unit: write ${time}s for seconds`;
  const milliseconds = millisecondsOf(time);
  if (milliseconds === undefined) return `"${time}" is not a time; write 10s, 90s or 1m30s`;
  const seconds = milliseconds / 1000;
  if (seconds > 0 && seconds <= TIMEFRAME_SECONDS_MAX && Number.isInteger(seconds)) return seconds;
  const longest = durationText(TIMEFRAME_SECONDS_MAX * 1000);
  return `a timeframe is a whole number of seconds from 1s to ${longest}, not ${time}`;
}
