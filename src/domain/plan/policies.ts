/**
 * Readers of what happens when something goes missing: `onSilence: "finish" | { stop: "30s" }` and
 * `onAgentLoss: "fail" | { tolerate: percent }`.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import { isObject, type Reader } from "./field.ts";
import { shown } from "./place.ts";
import { duration } from "./reader.ts";

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

/** An object with this key and no other. */
function isSingle(value: unknown, key: string): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, key);
}
