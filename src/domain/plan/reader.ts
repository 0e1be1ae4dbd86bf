/**
 * Readers of single values: numbers, durations, texts, lists, records. Each accepts exactly what its message says,
 * and reports what was given instead.
 */
import { ZONE_TAG } from "../metric/definition.ts";
import { DURATION_MAX_MS, durationText, millisecondsOf } from "./duration.ts";
import { isObject, type Reader } from "./field.ts";
import { grouped, type Place, shown } from "./place.ts";

/** A number that is this small is rarely meant as milliseconds. */
const SHORT_MS = 1000;

/** `true` or `false`. */
export const flag: Reader<boolean> = (value, at) =>
  typeof value === "boolean"
    ? value
    : at.report(`must be true or false, but is ${shown(value)}`, bareHint(value, /^(?:true|false)$/));

/** Any text. */
export const text: Reader<string> = (value, at) =>
  typeof value === "string" ? value : at.report(`must be a string, but is ${shown(value)}`, quoteHint(value));

/** An object whose content is somebody else's. */
export const anyObject: Reader<Readonly<Record<string, unknown>>> = (value, at) =>
  isObject(value) ? value : at.report(`must be an object, but is ${shown(value)}`);

/** A whole number between two bounds, both allowed. */
export function wholeNumber(min: number, max: number, hint?: string): Reader<number> {
  return (value, at) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    const bounds = `from ${grouped(min)} to ${grouped(max)}`;
    return at.report(
      `must be a whole number ${bounds}, but is ${shown(value)}`,
      hint ?? bareHint(value, /^\d+$/),
    );
  };
}

/** Milliseconds of a duration of at least `minMs`. */
export function duration(minMs: number): Reader<number> {
  return (value, at) => {
    const milliseconds = millisecondsOf(value);
    if (milliseconds === undefined) {
      const message = `must be a duration, but is ${shown(value)}`;
      return at.report(message, 'write "30s", "1m30s", "500ms" or a number of milliseconds');
    }
    const bound = durationBound(milliseconds, minMs);
    if (bound === undefined) return milliseconds;
    return at.report(`must be ${bound}, but is ${JSON.stringify(value)}`, unitHint(value, milliseconds));
  };
}

/** The bound that a number of milliseconds breaks, in words. */
function durationBound(milliseconds: number, minMs: number): string | undefined {
  if (milliseconds < minMs) return `at least ${durationText(minMs)}`;
  if (milliseconds > DURATION_MAX_MS) return `at most ${durationText(DURATION_MAX_MS)}`;
  return Number.isInteger(milliseconds) ? undefined : "a whole number of milliseconds";
}

/** An object from names to texts. */
export const textRecord: Reader<Readonly<Record<string, string>>> = recordOf(text);

/** Tags of samples. The zone's tag is the mesh's own. */
export const tagRecord: Reader<Readonly<Record<string, string>>> = recordOf((value, at, name) =>
  name === ZONE_TAG
    ? at.report("is the tag that names the load zone of each sample: the mesh sets it", "choose another name")
    : text(value, at),
);

/** An object from names to values of one kind; the reader of a value also gets its name. */
export function recordOf<T>(
  read: (value: unknown, at: Place, name: string) => T | undefined,
): Reader<Readonly<Record<string, T>>> {
  return (value, at) => {
    if (!isObject(value)) return at.report(`must be an object, but is ${shown(value)}`);
    const entries = Object.entries(value).map(
      ([name, each]) => [name, read(each, at.in(name), name)] as const,
    );
    return allRead(entries.map(([, each]) => each))
      ? (Object.fromEntries(entries) as Record<string, T>)
      : undefined;
  };
}

/** A list of values of one kind. */
export function listOf<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return at.report(`must be a list, but is ${shown(value)}`);
    const items = value.map((each: unknown, index) => read(each, at.in(index)));
    return allRead(items) ? items : undefined;
  };
}

function allRead<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return !values.includes(undefined);
}

/** What somebody probably meant who wrote a short time without its unit: k6's bare numbers are milliseconds. */
function unitHint(value: unknown, milliseconds: number): string | undefined {
  const isBare = typeof value === "number" || /^\d+$/.test(String(value));
  if (!isBare || milliseconds <= 0 || milliseconds >= SHORT_MS) return undefined;
  return `without a unit it is milliseconds; seconds are "${milliseconds}s"`;
}

/** For a text that holds what should stand there without quotes. */
function bareHint(value: unknown, fits: RegExp): string | undefined {
  return typeof value === "string" && fits.test(value) ? `write ${value}, without quotes` : undefined;
}

function quoteHint(value: unknown): string | undefined {
  return typeof value === "number" || typeof value === "boolean" ? `write "${value}"` : undefined;
}
