/**
 * What comes from below, cut to what a copy of it may hold: whoever is above copies it with the name of its zone and where
 * it was first written, and that copy must fit into a message as well. Stored events of older versions are read as they are.
 */
import type { Report } from "../../../streams/messages/report.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { STAGE_VALUE_BYTES } from "../run/stages.ts";

/** One text for people: a message, a stack, a reason. */
export const TEXT_MAX = 8192;
/** A name for people: a host, a program. */
export const NAME_MAX = 255;

/** The same with every text in it cut, keys as well; what has none that is too long is not made anew. */
export function cutTexts<T>(value: T, max: number): T {
  if (typeof value === "string") return (value.length <= max ? value : `${value.slice(0, max - 1)}…`) as T;
  if (typeof value !== "object" || value === null || fits(value, max)) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => cutTexts(each, max)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.slice(0, max), cutTexts(each as unknown, max)]),
  ) as T;
}

function fits(value: unknown, max: number): boolean {
  if (typeof value === "string") return value.length <= max;
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every((each) => fits(each, max));
  for (const key in value)
    if (key.length > max || !fits((value as Record<string, unknown>)[key], max)) return false;
  return true;
}

type Said = ZoneEvent | Report;

/** The longest message of an honest stage: what it may return, and room for the rest. */
const STAGE_BYTES_MAX = STAGE_VALUE_BYTES + 65_536;
const TOO_LONG = { kind: "invalid", message: "what it returned is longer than a script may return" } as const;

/** `bytes`: length of its body. What a stage returned is no text for people: it is whole, or it is not there. */
export function boundedWord<T extends Said>(said: T, bytes: number): T {
  if (said.type !== "StageReported" && said.type !== "StageDone") return cutTexts(said, TEXT_MAX);
  const { value, ...rest } = said;
  const cut = cutTexts(rest, TEXT_MAX);
  if (value === undefined) return cut as T;
  return (bytes <= STAGE_BYTES_MAX ? { ...cut, value } : { ...cut, failure: TOO_LONG }) as T;
}
