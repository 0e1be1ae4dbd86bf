/**
 * Reads one entry of `options.scenarios`: k6's names, defaults and rules (anchors B.2), each executor its own.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { EXECUTOR_NAMES, executorOf } from "../executor/executors.ts";
import { plannedOf } from "../pace/plan-totals.ts";
import { isObject } from "./field.ts";
import { ITERATIONS_MAX } from "./limits.ts";
import { nearest } from "./nearest.ts";
import { grouped, type Place, shown } from "./place.ts";

/** k6 removed it in its version 2, with the commands that controlled it. */
const REMOVED = "externally-controlled";

const CONTROLLED = "say beforehand how the load changes: `stages` of ramping-vus or ramping-arrival-rate";

/** The scenario at a place, or undefined after its problems have been reported. */
export function readScenario(value: unknown, at: Place): Scenario | undefined {
  if (!isObject(value)) return at.report(`must be an object, but is ${shown(value)}`);
  const { executor: name } = value;
  const executor = typeof name === "string" ? executorOf(name) : undefined;
  if (executor === undefined) return reportExecutor(name, at.in("executor"));
  const scenario = executor.read(value, at);
  return scenario !== undefined && boundedIterations(scenario, at) ? scenario : undefined;
}

function reportExecutor(executor: unknown, at: Place): undefined {
  const today = `executors: ${EXECUTOR_NAMES.join(", ")}`;
  if (executor === undefined || executor === null) return at.report("is required", today);
  if (typeof executor !== "string") return at.report(`must be a string, but is ${shown(executor)}`, today);
  if (executor === REMOVED)
    return at.report(`\`${REMOVED}\` does not exist: k6 2 removed it, too`, CONTROLLED);
  const meant = nearest(executor, EXECUTOR_NAMES);
  const hint = meant === undefined ? today : `did you mean \`${meant}\`? ${today}`;
  return at.report(`is not a known executor: ${shown(executor)}`, hint);
}

function boundedIterations(scenario: Scenario, at: Place): boolean {
  const planned = plannedOf(scenario) ?? 0;
  if (planned <= ITERATIONS_MAX) return true;
  at.report(
    `plans ${grouped(planned)} iterations, but one scenario may have at most ${grouped(ITERATIONS_MAX)}`,
  );
  return false;
}
