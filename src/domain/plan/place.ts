/**
 * A place in what a person wrote (`options.scenarios.a.rate`) and the list of problems found so far. Readers report
 * to it and go on, so that all problems come out at once.
 */
import type { Problem } from "../../../streams/schema/plan.ts";

export interface Place {
  readonly path: string;
  /** Notes a problem here. Returns undefined, so that a reader can end with it. */
  report(message: string, hint?: string): undefined;
  /** The place of a field or element: `a.b`, `a["b c"]`, `a[0]`. */
  in(key: string | number): Place;
  /** A place outside this one, for what contradicts something written elsewhere. */
  root(path: string): Place;
}

/** The place `path`, whose problems go to `problems`. */
export function placeAt(path: string, problems: Problem[]): Place {
  return {
    path,
    report(message, hint) {
      problems.push(hint === undefined ? { path, message } : { path, message, hint });
    },
    in: (key) => placeAt(path + step(path, key), problems),
    root: (elsewhere) => placeAt(elsewhere, problems),
  };
}

function step(path: string, key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  if (!/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return path === "" ? key : `.${key}`;
}

/** A value as a person would recognise it: `"ten" (a string)`, `12.5`, `a list`. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `${JSON.stringify(shortened(value))} (a string)`;
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** A number with its digits in groups: 1,000,000. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
