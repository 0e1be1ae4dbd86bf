/**
 * Numbers as people read them in the summary: durations with a fitting unit, bytes in powers of ten, counts with at most
 * two decimals. Pure text; no locale.
 */
import type { Unit } from "../metric/definition.ts";

/** At most `digits` decimals, without trailing zeros. */
function short(value: number, digits = 2): string {
  return String(Number(value.toFixed(digits)));
}

/** A duration given in ms: µs below 1 ms, ms below 1 s, then seconds and minutes. */
export function durationText(ms: number): string {
  if (ms === 0) return "0s";
  // By what is shown, not by what is rounded to it: 999.999 ms is one second.
  const below = (limit: number, unit: number) => Math.abs(Number((ms / unit).toFixed(2))) * unit < limit;
  if (below(1, 0.001)) return `${short(ms * 1000)}µs`;
  if (below(1000, 1)) return `${short(ms)}ms`;
  if (below(60_000, 1000)) return `${short(ms / 1000)}s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours}h` : ""}${minutes}m${seconds % 60}s`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes, in powers of 1000. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${short(value, unit === 0 ? 0 : 1)} ${BYTE_UNITS[unit] as string}`;
}

/** A figure of a metric with that unit. */
export function figureText(value: number, unit: Unit): string {
  if (unit === "time") return durationText(value);
  return unit === "data" ? bytesText(value) : short(value, Math.abs(value) < 1 ? 4 : 2);
}

/** A share as a percentage with two decimals; 99.999 % does not become 100 %. */
export function percentText(share: number): string {
  const percent = share * 100;
  const rounded = percent < 100 ? Math.min(percent, 99.99) : percent;
  const floored = percent > 0 ? Math.max(rounded, 0.01) : rounded;
  return `${floored.toFixed(2)}%`;
}

/** A time in the run as a clock shows it: `0:42`, `1:02:03`, and `0:42.4` where it is no whole second. */
export function clockText(ms: number): string {
  const tenths = Math.round(ms / 100);
  const [hours, minutes, seconds] = [36_000, 600, 10].map((unit) => Math.floor(tenths / unit)) as [
    number,
    number,
    number,
  ];
  const two = (value: number) => String(value % 60).padStart(2, "0");
  const front = hours === 0 ? String(minutes) : `${hours}:${two(minutes)}`;
  return `${front}:${two(seconds)}${tenths % 10 === 0 ? "" : `.${tenths % 10}`}`;
}
