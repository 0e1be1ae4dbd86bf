/**
 * What a run's script reads of its environment: `--env`, and each scenario's own `env`. Values are often secrets, so a
 * request and a plan carry names only; the values lie in the run's environment object, and are removed with it.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import { isObject } from "./field.ts";

type Values = Readonly<Record<string, string>>;

/** The texts of one entry of `options.tlsAuth`. */
interface CertificateTexts {
  readonly cert: string;
  readonly key: string;
  readonly password?: string;
}

/** The run's environment object. */
export interface RunEnvironment {
  /** The `--env` values. */
  readonly env: Values;
  /** The `--secret` values; absent: none. */
  readonly secrets?: Values;
  /** The values of `options.scenarios.<name>.env`, by scenario. */
  readonly scenarios: Readonly<Record<string, Values>>;
  /** Client certificates, in the order of `options.tlsAuth`. */
  readonly tlsAuth?: readonly CertificateTexts[];
}

/** The script's options as root may see them, and the values that were taken out of them. */
export interface HiddenValues {
  readonly options: unknown;
  readonly scenarios: RunEnvironment["scenarios"];
  readonly tlsAuth?: readonly CertificateTexts[];
}

/**
 * Takes the values of the scenarios' `env` and of `tlsAuth` out of raw options; the keys stay. `ext` and `cloud` go whole:
 * other programs read them, root does not, and tokens are at home there.
 */
export function hideValues(options: unknown): HiddenValues {
  if (!isObject(options)) return { options, scenarios: {} };
  const { cloud: _, ext: __, ...rest } = options;
  const { shown, ...texts } = hiddenCertificates(rest);
  if (!isObject(shown["scenarios"])) return { options: shown, scenarios: {}, ...texts };
  const entries = Object.entries(shown["scenarios"]);
  return {
    options: { ...shown, scenarios: Object.fromEntries(entries.map(([name, one]) => [name, hidden(one)])) },
    scenarios: Object.fromEntries(entries.flatMap(([name, one]) => valuesOf(name, one))),
    ...texts,
  };
}

function hiddenCertificates(options: Readonly<Record<string, unknown>>): {
  readonly shown: Readonly<Record<string, unknown>>;
  readonly tlsAuth?: readonly CertificateTexts[];
} {
  const { tlsAuth } = options;
  if (!Array.isArray(tlsAuth)) return { shown: options };
  const entries: readonly unknown[] = tlsAuth;
  const blank = { cert: "", key: "" };
  return {
    shown: {
      ...options,
      tlsAuth: entries.map((one) => (isObject(one) ? { domains: one["domains"], ...blank } : blank)),
    },
    tlsAuth: entries.map((one) => (isObject(one) ? textsOf(one) : blank)),
  };
}

function textsOf({ cert, key, password }: Readonly<Record<string, unknown>>): CertificateTexts {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const texts = { cert: text(cert), key: text(key) };
  return typeof password === "string" ? { ...texts, password } : texts;
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
export function namesOf({ env, scenarios, secrets = {}, tlsAuth = [] }: RunEnvironment): readonly string[] {
  const names = [env, secrets, ...Object.values(scenarios)].flatMap((values) => Object.keys(values));
  if (tlsAuth.length > 0) names.push("options.tlsAuth");
  return [...new Set(names)].toSorted();
}

/** The plan as workers need it: scenarios have the values of their `env` again, client certificates their texts. */
export function withValues(plan: Plan, { scenarios, tlsAuth }: RunEnvironment): Plan {
  const filled = Object.entries(plan.scenarios).map(([name, scenario]) => [
    name,
    { ...scenario, env: { ...scenario.env, ...scenarios[name] } },
  ]);
  const { http } = plan;
  return {
    ...plan,
    scenarios: Object.fromEntries(filled) as Plan["scenarios"],
    ...(http?.tlsAuth && {
      http: { ...http, tlsAuth: http.tlsAuth.map((one, index) => ({ ...one, ...tlsAuth?.[index] })) },
    }),
  };
}
