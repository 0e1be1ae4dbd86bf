/**
 * Makes a plan of what a door asks for, or says everything that is wrong with it. The door and root both call this
 * with the same request, so it is pure: no clock, no randomness, no look at the world.
 */
import type { Plan, PlanRequest, Problem } from "../../../streams/schema/plan.ts";
import { httpPlan } from "./http-options.ts";
import { checkLabels } from "./labels.ts";
import { type Options, readOptions } from "./options.ts";
import { placeAt } from "./place.ts";
import { checkPlacement } from "./placement.ts";
import { checkLoad, overridden, readFlags, scenarioOf, type Shortcuts, usesScenarios } from "./shortcuts.ts";
import { stopsTheRun } from "./thresholds.ts";
import { checkTimeframes } from "./timeframes.ts";

/** A plan, or all the problems that keep the request from being one. */
export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Length of a metric window. A run that a threshold may end looks five times as often: it must end soon. */
const WINDOW_MS = 1000;
const WINDOW_TO_ABORT_MS = 200;
/** How long a parent waits for live children after each window. */
const LATENESS_MS = 500;

/** Normalises and validates a request. Problems name their path (`options.scenarios.a.rate`, `--vus`, `zones[0]`). */
export function planRun(request: PlanRequest): Planned {
  const problems: Problem[] = [];
  const flags = readFlags(request.flags, problems);
  const options = readOptions(request, flags, placeAt("options", problems));
  checkLoad(request, problems);
  checkPlacement(request, placeAt("", problems));
  checkLabels(request, placeAt("labels", problems));
  if (problems.length > 0 || flags === undefined || options === undefined) return { ok: false, problems };
  const plan = planOf(request, options, scenariosOf(request, options, flags));
  checkTimeframes(plan, placeAt("options.thresholds", problems));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, plan };
}

function scenariosOf(request: PlanRequest, options: Options, flags: Shortcuts): Plan["scenarios"] {
  if (usesScenarios(request) && options.scenarios !== undefined) return options.scenarios;
  return { default: scenarioOf(overridden(options, flags)) };
}

function planOf(request: PlanRequest, options: Options, scenarios: Plan["scenarios"]): Plan {
  return {
    script: request.script,
    bundle: request.bundle,
    scenarios,
    thresholds: options.thresholds,
    zones: request.zones,
    agents: request.agents,
    env: request.env,
    tags: options.tags,
    hasSetup: request.exports.includes("setup"),
    hasTeardown: request.exports.includes("teardown"),
    hasHandleSummary: request.exports.includes("handleSummary"),
    setupTimeoutMs: options.setupTimeout,
    teardownTimeoutMs: options.teardownTimeout,
    handleSummaryTimeoutMs: options.handleSummaryTimeout,
    summaryTrendStats: options.summaryTrendStats,
    discardResponseBodies: options.discardResponseBodies,
    noConnectionReuse: options.noConnectionReuse,
    insecureSkipTlsVerify: options.insecureSkipTLSVerify,
    userAgent: options.userAgent,
    requestTimeoutMs: options.requestTimeout,
    ...httpPlan(options),
    ...(options.minIterationDuration ? { minIterationDurationMs: options.minIterationDuration } : {}),
    windowMs: stopsTheRun(options.thresholds) ? WINDOW_TO_ABORT_MS : WINDOW_MS,
    latenessMs: LATENESS_MS,
    onSilence: options.onSilence,
    onAgentLoss: options.onAgentLoss,
    ...(options.generator.budgets === undefined ? {} : { generator: options.generator.budgets }),
    seed: request.seed,
    ...(request.history === undefined ? {} : { history: request.history }),
    ...(request.files === undefined ? {} : { files: request.files }),
    ...(request.labels === undefined ? {} : { labels: request.labels }),
  };
}
