/**
 * Reads `options.scenarios`: their names, and that each runs a function which the script exports.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { COMMON_DEFAULTS } from "../executor/executor.ts";
import { isObject, type Reader } from "./field.ts";
import { nearest } from "./nearest.ts";
import { type Place, shown } from "./place.ts";
import { readScenario } from "./scenario.ts";

/** Reads `options.scenarios`; each `exec` must be one of `exports`. */
export function scenariosReader(exports: readonly string[]): Reader<Readonly<Record<string, Scenario>>> {
  return (value, at) => {
    if (!isObject(value)) return at.report(`must be an object, but is ${shown(value)}`);
    const names = Object.keys(value);
    if (names.length === 0) return at.report("names no scenario", "add one, or remove `scenarios`");
    const read = names.map((name) => [name, readNamed(name, value[name], at.in(name), exports)] as const);
    if (read.some(([, scenario]) => scenario === undefined)) return undefined;
    return Object.fromEntries(read) as Record<string, Scenario>;
  };
}

function readNamed(
  name: string,
  value: unknown,
  at: Place,
  exports: readonly string[],
): Scenario | undefined {
  const named = /^[0-9a-zA-Z_-]+$/.test(name);
  if (!named) at.report("the name of a scenario may only have letters, digits, `_` and `-`");
  const exec = isObject(value) ? (value["exec"] ?? COMMON_DEFAULTS.exec) : undefined;
  const executable = typeof exec !== "string" || isExported(exec, exports, at.in("exec"));
  const scenario = readScenario(value, at);
  return named && executable ? scenario : undefined;
}

/** Reports it if the script exports no such function. */
export function isExported(exec: string, exports: readonly string[], at: Place): boolean {
  const functions = exports.filter((name) => name !== "options");
  if (functions.includes(exec)) return true;
  const meant = nearest(exec, functions);
  const known = functions.length === 0 ? "it exports none" : `it exports: ${functions.join(", ")}`;
  const hint = meant === undefined ? known : `did you mean \`${meant}\`? ${known}`;
  if (exec === "default")
    at.report(
      "the script has no default export to run",
      `${hint}; write: export default async function () { … }`,
    );
  else at.report(`the script exports no function \`${exec}\``, hint);
  return false;
}
