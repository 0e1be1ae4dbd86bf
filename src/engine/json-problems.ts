/**
 * Says what in a script's options JSON cannot carry, and where, all of it. JSON itself would drop or change it without a
 * word.
 */
import type { Problem } from "../../streams/schema/plan.ts";
import { type Place, placeAt } from "../domain/plan/place.ts";

const PLAIN = "options must be plain JSON values";
const NAN =
  "Number(__ENV.NAME) is NaN where NAME is not set: give it with --env NAME=VALUE, or write a default";

/** None when the value is plain JSON. */
export function jsonProblems(value: unknown, path: string): readonly Problem[] {
  const problems: Problem[] = [];
  look(value, placeAt(path, problems), []);
  return problems;
}

function look(value: unknown, at: Place, above: readonly unknown[]): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return at.report(`is ${value}`, Number.isNaN(value) ? NAN : PLAIN);
  }
  if (["number", "string", "boolean", "undefined"].includes(typeof value) || value === null) return;
  if (typeof value !== "object") return at.report(`is a ${typeof value}`, PLAIN);
  if (above.includes(value)) return at.report("contains itself", PLAIN);
  const within = [...above, value];
  if (Array.isArray(value)) return value.forEach((item, index) => look(item, at.in(index), within));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return at.report(`is a ${value.constructor.name}`, PLAIN);
  }
  for (const [key, item] of Object.entries(value)) look(item, at.in(key), within);
}
