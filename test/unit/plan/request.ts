/** A request for a plan that is in order, and its parts to change. */
import { EXECUTOR_NAMES } from "../../../src/domain/executor/executors.ts";
import { planRun } from "../../../src/domain/plan/normalize.ts";
import type { Plan, PlanRequest, Problem } from "../../../streams/schema/plan.ts";

export function requestOf(options: unknown, changes: Partial<PlanRequest> = {}): PlanRequest {
  return {
    script: "script.ts",
    bundle: "0".repeat(64),
    options,
    exports: ["default", "options"],
    flags: {},
    zones: [{ zone: "local", weight: 1 }],
    agents: 1,
    env: [],
    embedded: true,
    seed: 7,
    ...changes,
  };
}

/** The plan of a request that must be in order. */
export function planOf(options: unknown, changes: Partial<PlanRequest> = {}): Plan {
  const planned = planRun(requestOf(options, changes));
  if (!planned.ok) throw new Error(`refused: ${JSON.stringify(planned.problems)}`);
  return planned.plan;
}

/** The problems of a request that must be refused. */
export function problemsOf(options: unknown, changes: Partial<PlanRequest> = {}): readonly Problem[] {
  const planned = planRun(requestOf(options, changes));
  if (planned.ok) throw new Error("was planned");
  return planned.problems;
}

/** The executors of today, as hints list them: a test must not change with each new one. */
const TODAY = EXECUTOR_NAMES.join(", ");

/** Problems as a person reads them: `path: message (hint)`; the list of executors is `<executors>`. */
export function linesOf(options: unknown, changes: Partial<PlanRequest> = {}): string[] {
  return problemsOf(options, changes).map(({ path, message, hint }) =>
    `${path}: ${message}${hint ? ` (${hint})` : ""}`.replace(TODAY, "<executors>"),
  );
}
