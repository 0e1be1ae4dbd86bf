/**
 * What an executor is, all of it in one module: the options that a script may give it, what the plan then holds, and
 * its pace. The options that every scenario has are read here. `executors.ts` lists those that exist.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import type { Pace } from "../pace/pace.ts";
import {
  defaulted,
  type Field,
  type FieldsOf,
  optional,
  readObject,
  type Reader,
  required,
} from "../plan/field.ts";
import type { Place } from "../plan/place.ts";
import { duration, tagRecord, text, textRecord } from "../plan/reader.ts";
import { reshare, type Share, stripeShare } from "../segment/share.ts";

/** The scenario of one executor. */
export type ScenarioOf<Name extends Scenario["executor"]> = Extract<Scenario, { executor: Name }>;

export interface Executor<Name extends Scenario["executor"]> {
  /** The scenario at a place, or undefined after its problems have been reported. */
  readonly read: Reader<ScenarioOf<Name>>;
  /** The pace of a scenario on the leaf that holds `share`. */
  readonly pace: (scenario: ScenarioOf<Name>, share: Share) => Pace;
}

/** What every scenario has when nothing is said. */
export const COMMON_DEFAULTS = {
  exec: "default",
  startTimeMs: 0,
  gracefulStopMs: 30_000,
  env: {},
  tags: {},
} as const;

const common = {
  executor: required(text),
  exec: defaulted(text, COMMON_DEFAULTS.exec),
  startTime: defaulted(duration(0), COMMON_DEFAULTS.startTimeMs),
  gracefulStop: defaulted(duration(0), COMMON_DEFAULTS.gracefulStopMs),
  env: defaulted(textRecord, COMMON_DEFAULTS.env),
  tags: defaulted(tagRecord, COMMON_DEFAULTS.tags),
  setup: optional(text),
  teardown: optional(text),
};

/** What an executor adds to what every scenario has. */
interface Parts<Name extends Scenario["executor"], Fields extends Readonly<Record<string, Field<unknown>>>> {
  readonly options: Fields;
  /** Looks at options together; reports and returns false if they contradict each other. */
  check?(options: Partial<FieldsOf<Fields>>, at: Place): boolean;
  /** What the plan holds of them. */
  plan(options: FieldsOf<Fields>): Omit<ScenarioOf<Name>, "executor" | keyof typeof COMMON_DEFAULTS>;
  readonly pace: Executor<Name>["pace"];
}

/** Which executors have an option of that name; filled as they are defined, so complete before any is read. */
const OWNERS = new Map<string, readonly string[]>();

/** The executor of that name. */
export function defineExecutor<
  Name extends Scenario["executor"],
  Fields extends Readonly<Record<string, Field<unknown>>>,
>(name: Name, parts: Parts<Name, Fields>): Executor<Name> {
  const noun = `option of ${name}`;
  const fields = { ...common, ...parts.options };
  const check = (given: object, at: Place) => parts.check?.(given, at) ?? true;
  for (const option of Object.keys(parts.options)) OWNERS.set(option, [...(OWNERS.get(option) ?? []), name]);
  // In no order of loading: a person reads it.
  const elsewhere = (option: string) => (OWNERS.get(option) ?? []).toSorted();
  const shape = { fields, noun, notYet: { options: "remove it" }, elsewhere, check };
  return {
    pace: parts.pace,
    read: (value, at) => {
      const options = readObject(shape, value, at);
      if (options === undefined) return undefined;
      return { executor: name, ...commonOf(options), ...parts.plan(options) } as unknown as ScenarioOf<Name>;
    },
  };
}

function commonOf({ env, exec, gracefulStop, setup, startTime, tags, teardown }: FieldsOf<typeof common>) {
  const stages = {
    ...(setup === undefined ? {} : { setup }),
    ...(teardown === undefined ? {} : { teardown }),
  };
  return { exec, startTimeMs: startTime, gracefulStopMs: gracefulStop, env, tags, ...stages };
}

/** µs in a whole number of ms. */
export function usOf(milliseconds: number): number {
  return milliseconds * 1000;
}

/**
 * Global iteration indices of a leaf. k6 divides them by VUs only for shared iterations and arrival rates; we do it for
 * every executor, so that the indices in use have no holes that come from the division (one VU on eight workers counts
 * 0, 1, 2, … and not 0, 8, 16, …). Where weights divide the VUs evenly, both are the same.
 */
export function indicesOf(share: Share, vus: number): (n: number) => number {
  let stripe: ((n: number) => number) | undefined;
  return (n) => {
    stripe ??= stripeShare(reshare(share, vus));
    return stripe(n);
  };
}
