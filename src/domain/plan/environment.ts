/**
 * What a run's script reads of its environment: `--env`, and each scenario's own `env`. Values are often secrets, so a
 * request and a plan carry names only; the values lie in the run's environment object, and are removed with it.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import { isObject } from "./field.ts";

type Values = Readonly<Record<string, string>>;

/** The run's environment object. */
export interface RunEnvironment {
  /** The `--env` values. */
  readonly env: Values;
  /** The values of `options.scenarios.<name>.env`, by scenario. */
  readonly scenarios: Readonly<Record<string, Values>>;
}

/** The script's options as root may see them, and the values that were taken out of them. */
export interface HiddenValues {
  readonly options: unknown;
  readonly scenarios: RunEnvironment["scenarios"];
}

/**
 * Takes the values of the scenarios' `env` out of raw options; the keys stay. `ext` and `cloud` go whole: other programs
 * read them, root does not, and tokens are at home there.
 */
export function hideValues(options: unknown): HiddenValues {
  if (!isObject(options)) return { options, scenarios: {} };
  const { cloud: _, ext: __, ...rest } = options;
  if (!isObject(rest["scenarios"])) return { options: rest, scenarios: {} };
  const entries = Object.entries(rest["scenarios"]);
  return {
    options: { ...rest, scenarios: Object.fromEntries(entries.map(([name, one]) => [name, hidden(one)])) },
    scenarios: Object.fromEntries(entries.flatMap(([name, one]) => valuesOf(name, one))),
  };
}

function hidden(scenario: unknown): unknown {
  if (!isObject(scenario) || !("env" in scenario)) return scenario;
  const env = isObject(scenario["env"]) ? scenario["env"] : {};
  return { ...scenario, env: Object.fromEntries(Object.keys(env).map((key) => [key, ""])) };
}

function valuesOf(name: string, scenario: unknown): [string, Values][] {
  if (!isObject(scenario) || !isObject(scenario["env"])) return [];
  const texts = Object.entries(scenario["env"]).filter(([, value]) => typeof value === "string");
  return texts.length === 0 ? [] : [[name, Object.fromEntries(texts) as Values]];
}

/** Every name that has a value in the environment, sorted: what a plan says of it. */
export function namesOf({ env, scenarios }: RunEnvironment): readonly string[] {
  const names = [env, ...Object.values(scenarios)].flatMap((values) => Object.keys(values));
  return [...new Set(names)].toSorted();
}

/** The plan as workers need it: scenarios have the values of their `env` again. */
export function withValues(plan: Plan, { scenarios }: RunEnvironment): Plan {
  const filled = Object.entries(plan.scenarios).map(([name, scenario]) => [
    name,
    { ...scenario, env: { ...scenario.env, ...scenarios[name] } },
  ]);
  return { ...plan, scenarios: Object.fromEntries(filled) as Plan["scenarios"] };
}
