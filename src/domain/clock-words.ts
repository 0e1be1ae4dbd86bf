/** What people are told of clocks that are apart. No wall clock decides anything in a run; people read them. Pure. */
import { durationText } from "./summary/figures.ts";

/** Times that are wrong by more are read wrongly. */
export const CLOCK_FAR_MS = 1000;

export const NTP_HINT = "set both by NTP: timedatectl set-ntp true";

/** `0.4 ms`, `61.5 s`, `1h0m0s`. */
export function apartText(offsetMs: number): string {
  const apart = Math.abs(offsetMs);
  if (apart < 1000) return `${apart.toFixed(apart < 10 ? 1 : 0)} ms`;
  return apart < 120_000 ? `${(apart / 1000).toFixed(1)} s` : durationText(apart);
}

/** `aheadMs`: the first clock minus the second. Undefined where they may be right, as well as was measured. */
export function farApart(
  first: string,
  second: string,
  aheadMs: number,
  errorMs: number,
): string | undefined {
  if (Math.abs(aheadMs) - errorMs <= CLOCK_FAR_MS) return undefined;
  const way = aheadMs > 0 ? "ahead of" : "behind";
  return `${first} is ${apartText(aheadMs)} ${way} ${second}: runs are right all the same, times that people read are not; ${NTP_HINT}`;
}
