/**
 * The summary of a run: a pure function of its log's state and of root's intervals. Root records it, replay makes it
 * again, and the two must be the same bytes. The verdict inside is the one that will be given.
 */
import { createHash } from "node:crypto";
import type { Plan } from "../../../streams/schema/plan.ts";
import { plannedOf } from "../pace/plan-totals.ts";
import { type RunState, topOf } from "../run/state.ts";
import { type Findings, verdictOf } from "../run/verdict.ts";
import { keptAtEnd } from "../threshold/evaluate.ts";
import { WindowedThresholds } from "../threshold/windowed.ts";
import { completenessOf, uncounted } from "./completeness.ts";
import {
  canonicalJson,
  type GeneratorSummary,
  skewOf,
  type SummaryDocument,
  type ThresholdSummary,
} from "./document.ts";
import { generatorSummary, unfitIn } from "./generator.ts";
import { GeneratorWatch } from "./generator-watch.ts";
import { ledger } from "./ledger.ts";
import { RunMetrics } from "./run-metrics.ts";
import { judgeThresholds } from "./judge-thresholds.ts";
import { statements } from "./statements.ts";
import { frameText } from "./threshold-text.ts";

/** An empty fold that will hold all that the run's summary asks for. */
export const metricsFor = (state: RunState): RunMetrics =>
  new RunMetrics({
    summaryTrendStats: state.plan?.summaryTrendStats ?? [],
    selectors: Object.keys(state.plan?.thresholds ?? {}),
    generator: watchOf(state.plan),
    ...(state.plan === undefined ? {} : { windowed: new WindowedThresholds(state.plan) }),
    byZone: true, // there may be zones below the one that the plan names
  });

const watchOf = (plan: Plan | undefined): GeneratorWatch | undefined =>
  plan?.generator && new GeneratorWatch(plan.generator, plan.windowMs);

export interface Summary {
  readonly document: SummaryDocument;
  /** SHA-256 of the document's canonical JSON. */
  readonly sha256: string;
}

export function summarise(run: string, state: RunState, metrics: RunMetrics): Summary {
  const durationMs = durationOf(state, metrics);
  const thresholds = judgeThresholds(state.plan?.thresholds ?? {}, metrics, durationMs);
  const books = ledger(plannedIn(state), metrics.scenarioCounts(), statements(state));
  const mismatches = [...metrics.mismatches, ...books.mismatches, ...uncounted(state, metrics)];
  const completeness = completenessOf(state, metrics, { durationMs, mismatches });
  const generator = generatorSummary(state, metrics);
  const { outcome, exitCode, message } = verdictOf(state, findings(thresholds, mismatches, generator));
  const document: SummaryDocument = {
    run,
    script: state.plan?.script ?? "",
    outcome,
    exitCode,
    cause: message,
    startedAt: state.startAt ?? 0,
    durationMs,
    ...(state.plan === undefined ? {} : { seed: state.plan.seed }),
    ledger: { total: books.total, scenarios: books.scenarios, agents: books.agents },
    metrics: metrics.metrics(durationMs),
    ...metrics.zones?.summary(zonesIn(state)),
    ...requestErrors(metrics),
    root_group: metrics.rootGroup(),
    ...(thresholds.length === 0 ? {} : { thresholds }),
    completeness,
    generator,
    clock: { skewUsMax: skewOf(generator.byAgent), ...clockBounds(state) },
  };
  return { document, sha256: createHash("sha256").update(canonicalJson(document)).digest("hex") };
}

function requestErrors(metrics: RunMetrics): Pick<SummaryDocument, "request_errors"> {
  const errors = metrics.requestErrors();
  return Object.keys(errors).length === 0 ? {} : { request_errors: errors };
}

/** What the recorded summary means for the verdict. */
export const findingsOf = (state: RunState): Findings =>
  findingsIn(state.summary?.document as SummaryDocument | undefined);

/** What a summary means for a verdict. */
export const findingsIn = (document: SummaryDocument | undefined): Findings =>
  findings(document?.thresholds ?? [], document?.completeness.mismatches ?? [], document?.generator);

const findings = (
  thresholds: readonly ThresholdSummary[],
  incomplete: readonly string[],
  generator: GeneratorSummary | undefined,
): Findings => ({
  incomplete,
  unfit: generator === undefined ? [] : unfitIn(generator),
  failedThresholds: thresholds
    .filter(({ judgement }) => !keptAtEnd(judgement))
    .map(({ frame, judgement, metric, threshold }) => {
      const when =
        judgement === "no data" ? " (no data)" : frame === undefined ? "" : ` (${frameText(frame)})`;
      return `${metric} ${threshold}${when}`;
    }),
});

/** From the start instant to the last end that an agent stated, ms; where somebody was lost, at least to the last window. */
function durationOf(state: RunState, metrics: RunMetrics): number {
  const { startAt, plan } = state;
  if (startAt === undefined || plan === undefined) return 0;
  const ends = state.zones.flatMap(({ agents }) => agents.map(({ endedAt }) => endedAt - startAt));
  const hasLoss = state.losses.length > 0 || state.zones.some(({ lost }) => lost);
  const measuredUs = hasLoss ? metrics.log.windows.total * plan.windowMs * 1000 : 0;
  return Math.max(0, measuredUs, ...ends) / 1000;
}

/** A run that never started has planned nothing. */
function plannedIn(state: RunState): Record<string, number | undefined> {
  const scenarios = Object.entries(state.plan?.scenarios ?? {});
  const hasStarted = state.startAt !== undefined;
  return Object.fromEntries(
    scenarios.map(([name, scenario]) => [name, hasStarted ? plannedOf(scenario) : undefined]),
  );
}

/** Zones with agents, each after the one that it is below, in the plan's order; also those of the plan that never came. */
const zonesIn = ({ members, plan }: RunState): readonly string[] =>
  (plan?.zones ?? []).flatMap(({ zone }) => {
    const own = members.filter((member) => topOf(member) === zone).map((member) => member.zone);
    return own.length === 0 ? [zone] : [...new Set(own)];
  });

function clockBounds(state: RunState): Pick<SummaryDocument["clock"], "errorUsMax" | "startLateUsMax"> {
  const finishes = state.zones.flatMap(({ agents }) => agents);
  return {
    errorUsMax: Math.max(0, ...finishes.map(({ clockErrorUs }) => clockErrorUs)),
    startLateUsMax: Math.max(0, ...finishes.map(({ startLateUs }) => startLateUs)),
  };
}
