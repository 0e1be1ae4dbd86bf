/**
 * Readers of what happens when something goes wrong on our side: `onSilence: "finish" | { stop: "30s" }`,
 * `onAgentLoss: "fail" | { tolerate: percent }` and `generator: "off" | "warn" | { scheduleLag: "500ms", … }`.
 */
import type { GeneratorBudgets, Plan } from "../../../streams/schema/plan.ts";
import { defaulted, isObject, optional, type Reader, readObject } from "./field.ts";
import { shown } from "./place.ts";
import { duration, wholeNumber } from "./reader.ts";

const patience = duration(1);

/** What agents do when they hear nothing from above. */
export const onSilence: Reader<Plan["onSilence"]> = (value, at) => {
  if (value === "finish") return { do: "finish" };
  if (!isSingle(value, "stop"))
    return at.report(`must be "finish" or { stop: "30s" }, but is ${shown(value)}`);
  const afterMs = patience(value["stop"], at.in("stop"));
  return afterMs === undefined ? undefined : { do: "stop", afterMs };
};

/** What root does when an agent is lost. */
export const onAgentLoss: Reader<Plan["onAgentLoss"]> = (value, at) => {
  if (value === "fail") return { do: "fail" };
  if (!isSingle(value, "tolerate"))
    return at.report(`must be "fail" or { tolerate: 5 }, but is ${shown(value)}`);
  const percent = value["tolerate"];
  if (typeof percent === "number" && percent >= 0 && percent <= 100) return { do: "tolerate", percent };
  const message = `must be a percentage of the agents from 0 to 100, but is ${shown(percent)}`;
  return at.in("tolerate").report(message);
};

/**
 * Half a second is far beyond what a busy laptop does to a start, and far below what hides a stall. A script that
 * computes stops its event loop by itself, and a closed model may use all of a core: the others are for who asks.
 */
export const GENERATOR_DEFAULT: GeneratorBudgets = {
  onBreach: "invalid",
  scheduleLagMs: 500,
  eventLoopDelayMs: 1000,
};

const onBreach: Reader<"invalid" | "warn"> = (value, at) =>
  value === "invalid" || value === "warn"
    ? value
    : at.report(`must be "invalid" or "warn", but is ${shown(value)}`);

const percent = (most: number): Reader<number> => wholeNumber(1, most);

const budgets = {
  fields: {
    onBreach: defaulted(onBreach, GENERATOR_DEFAULT.onBreach),
    scheduleLag: defaulted(patience, GENERATOR_DEFAULT.scheduleLagMs),
    eventLoopDelay: defaulted(patience, GENERATOR_DEFAULT.eventLoopDelayMs),
    gc: optional(percent(100)),
    cpu: optional(percent(1000)),
    memory: optional(wholeNumber(1, 1_000_000)),
  },
  noun: "budget of a generator",
  notYet: {},
};

/** What the generators' health must be, and what it means when it is not. Undefined in the plan: it decides nothing. */
export const generator: Reader<{ readonly budgets: GeneratorBudgets | undefined }> = (value, at) => {
  if (value === "off") return { budgets: undefined };
  if (value === "warn") return { budgets: { ...GENERATOR_DEFAULT, onBreach: "warn" } };
  if (!isObject(value)) {
    return at.report(`must be "off", "warn" or { scheduleLag: "500ms" }, but is ${shown(value)}`);
  }
  const read = readObject(budgets, value, at);
  if (read === undefined) return undefined;
  const { cpu, eventLoopDelay, gc, memory, scheduleLag } = read;
  return {
    budgets: {
      onBreach: read.onBreach,
      ...(scheduleLag === undefined ? {} : { scheduleLagMs: scheduleLag }),
      ...(eventLoopDelay === undefined ? {} : { eventLoopDelayMs: eventLoopDelay }),
      ...(gc === undefined ? {} : { gcPercent: gc }),
      ...(cpu === undefined ? {} : { cpuPercent: cpu }),
      ...(memory === undefined ? {} : { memoryMb: memory }),
    },
  };
};

/** An object with this key and no other. */
function isSingle(value: unknown, key: string): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, key);
}
