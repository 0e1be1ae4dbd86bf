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
  const executable = isObject(value) && areFunctions(value, exports, at);
  const scenario = readScenario(value, at);
  return named && executable ? scenario : undefined;
}

/** Whether the script exports every function that a scenario names. */
function areFunctions(
  value: Readonly<Record<string, unknown>>,
  exports: readonly string[],
  at: Place,
): boolean {
  const { exec = COMMON_DEFAULTS.exec, setup, teardown } = value;
  const isOne = (name: unknown, place: Place) => typeof name !== "string" || isExported(name, exports, place);
  const isStage = (name: unknown, option: "setup" | "teardown") =>
    name === option ? reportGlobal(option, at.in(option)) : isOne(name, at.in(option));
  const given = [
    isOne(exec ?? COMMON_DEFAULTS.exec, at.in("exec")),
    isStage(setup, "setup"),
    isStage(teardown, "teardown"),
  ];
  return !given.includes(false);
}

/** The function of that name runs for the whole run anyway: once for this scenario, too, is not what anybody means. */
function reportGlobal(option: "setup" | "teardown", at: Place): false {
  at.report(
    `names \`${option}()\`, which runs once for the whole run anyway`,
    `remove it, or name a function of this scenario's own`,
  );
  return false;
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
