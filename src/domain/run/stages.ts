/**
 * The stages of a run, as its plan has them: which there are, in which order they run, what each is given and what people
 * call it. The global setup comes first and its teardown last; scenarios' own lie between, in the plan's order and back.
 */
import type { Stage } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { RunState, StageState } from "./state.ts";

export type StageKind = "setup" | "teardown" | "summary";

/** A script may keep this much of setup's value, or of handleSummary's output, as JSON. */
export const STAGE_VALUE_BYTES = 524_288;

/** What a stage does, whosever it is. */
export const kindOf = (stage: Stage): StageKind => stage.split("/", 1)[0] as StageKind;

/** The scenario whose own stage it is; undefined for a stage of the whole run. */
export function scenarioOf(stage: Stage): string | undefined {
  const slash = stage.indexOf("/");
  return slash < 0 ? undefined : stage.slice(slash + 1);
}

/** As people read it: `setup`, `setup of scenario checkout`. */
export function titleOf(stage: Stage): string {
  const scenario = scenarioOf(stage);
  return scenario === undefined ? stage : `${kindOf(stage)} of scenario ${scenario}`;
}

/** The exported function that a stage runs. */
export function functionOf(plan: Plan, stage: Stage): string {
  const kind = kindOf(stage);
  if (kind === "summary") return "handleSummary";
  const scenario = scenarioOf(stage);
  return (scenario === undefined ? undefined : plan.scenarios[scenario]?.[kind]) ?? kind;
}

export const timeoutMsOf = (plan: Plan, stage: Stage): number =>
  ({ setup: plan.setupTimeoutMs, teardown: plan.teardownTimeoutMs, summary: plan.handleSummaryTimeoutMs })[
    kindOf(stage)
  ];

/** Scenarios with a stage of their own, in the plan's order. */
const scenariosWith = (plan: Plan, kind: "setup" | "teardown"): readonly string[] =>
  Object.keys(plan.scenarios).filter((name) => plan.scenarios[name]?.[kind] !== undefined);

/** Everything that must have succeeded before the start, in order. */
export const setupsOf = (plan: Plan): readonly Stage[] => [
  ...(plan.hasSetup ? (["setup"] as const) : []),
  ...scenariosWith(plan, "setup").map((name): Stage => `setup/${name}`),
];

/** Everything that is tried after the load, in order: the reverse of the setups'. */
export const teardownsOf = (plan: Plan): readonly Stage[] => [
  ...scenariosWith(plan, "teardown")
    .map((name): Stage => `teardown/${name}`)
    .toReversed(),
  ...(plan.hasTeardown ? (["teardown"] as const) : []),
];

/** The setup whose success a teardown undoes; undefined when it has none, and the start takes its place. */
export function setupOf(plan: Plan, teardown: Stage): Stage | undefined {
  const scenario = scenarioOf(teardown);
  const own: Stage = scenario === undefined ? "setup" : `setup/${scenario}`;
  return setupsOf(plan).includes(own) ? own : undefined;
}

/** Those that are on record, in the order in which they came to be. */
export const stagesOf = (stages: RunState["stages"]): readonly Stage[] => Object.keys(stages) as Stage[];

export const underWay = ({ stages }: RunState): readonly Stage[] =>
  stagesOf(stages).filter((stage) => isUnderWay(stages[stage]));

/** It was begun, and nothing is known yet of its end. */
export const isUnderWay = (stage: StageState | undefined): boolean =>
  stage?.by !== undefined && stage.result === undefined;

/** What a scenario works with: the value of its own setup, or else of the run's. */
export function dataOf({ plan, stages }: RunState, scenario: string | undefined): unknown {
  const own: Stage | undefined = scenario === undefined ? undefined : `setup/${scenario}`;
  if (own !== undefined && plan !== undefined && setupsOf(plan).includes(own)) return stages[own]?.value;
  return stages.setup?.value;
}

/** What scenarios' own setups returned, by scenario, null for nothing; undefined where no scenario has one. */
export function ownDataOf(state: RunState): Readonly<Record<string, unknown>> | undefined {
  const names = state.plan === undefined ? [] : scenariosWith(state.plan, "setup");
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, dataOf(state, name) ?? null]));
}
