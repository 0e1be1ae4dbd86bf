/**
 * The summary of a run: a pure function of its log's state and of root's intervals. Root records it, replay makes it
 * again, and the two must be the same bytes. The verdict inside is the one that will be given.
 */
import { createHash } from "node:crypto";
import type { Aside } from "../../../streams/schema/finish.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { sumGuarded } from "../guard/guard-words.ts";
import { plannedOf } from "../pace/plan-totals.ts";
import { type InZone, type RunState, topOf } from "../run/state.ts";
import { type Findings, verdictOf } from "../run/verdict.ts";
import { keptAtEnd } from "../threshold/evaluate.ts";
import { WindowedThresholds } from "../threshold/windowed.ts";
import {
  canonicalJson,
  type Completeness,
  type GeneratorSummary,
  type LoadGap,
  skewOf,
  type SummaryDocument,
  type ThresholdSummary,
} from "./document.ts";
import { generatorSummary, unfitIn } from "./generator.ts";
import { GeneratorWatch } from "./generator-watch.ts";
import { type AgentStatement, ledger } from "./ledger.ts";
import { RunMetrics } from "./run-metrics.ts";
import { judgeThresholds } from "./judge-thresholds.ts";
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

/** `whole` is false when intervals that zones stated never arrived. */
export function summarise(run: string, state: RunState, metrics: RunMetrics): Summary {
  const durationMs = durationOf(state, metrics);
  const thresholds = judgeThresholds(state.plan?.thresholds ?? {}, metrics, durationMs);
  const books = ledger(plannedIn(state), metrics.scenarioCounts(), statements(state));
  const mismatches = [
    ...metrics.mismatches,
    ...books.mismatches,
    ...missingIntervals(state, metrics),
    ...putAside(state),
  ];
  const generator = generatorSummary(state, metrics);
  const faults = metrics.faults();
  const folded = metrics.folded();
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
    completeness: {
      agents: agentCounts(state),
      windows: metrics.log.windows,
      ...gapsIn(state, durationMs),
      ...interruptedRequests(state),
      ...guardedIn(state),
      ...stoppedAt(state),
      ...(Object.keys(folded).length === 0 ? {} : { folded }),
      mismatches,
      ...(Object.keys(faults).length === 0 ? {} : { faults }),
    },
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

function statements(state: RunState): readonly AgentStatement[] {
  const nameOf = agentNames(state);
  const stated = state.zones.flatMap(({ zone, agents }) =>
    // Without a worker's word an agent's totals are no statement of the whole.
    agents.map(({ agent, zone: own = zone, tallies, lostWorkers, endedAt, whole }) => ({
      agent: nameOf(own, agent),
      tallies: lostWorkers === undefined ? tallies : undefined,
      began: whole || endedAt > 0,
    })),
  );
  const silent = state.members
    .filter((member) => isLost(state, member))
    .map(({ agent, zone }) => ({
      agent: nameOf(zone, agent),
      tallies: undefined,
      ...knownOf(state, zone, agent),
    }))
    .filter((lost) => !stated.some(({ agent }) => agent === lost.agent));
  return [...stated, ...silent];
}

/** What its zone knows of an agent that it lost; nothing where the zone itself was lost. */
function knownOf({ losses }: RunState, zone: string, agent: string): Pick<AgentStatement, "known"> {
  const [loss, ...others] = losses.filter((each) => each.zone === zone && each.agent === agent);
  return loss === undefined || others.length > 0 ? {} : { known: loss.tallies };
}

/** Agents are unique in their zone; where two zones use one name, the ledger says `zone/agent`. */
function agentNames({ members }: RunState): (zone: string, agent: string) => string {
  const zonesOf = (agent: string) =>
    new Set(members.filter((m) => m.agent === agent).map(({ zone }) => zone)).size;
  const shared = new Set(members.map(({ agent }) => agent).filter((agent) => zonesOf(agent) > 1));
  return (zone, agent) => (shared.has(agent) ? `${zone}/${agent}` : agent);
}

const isLost = (state: RunState, { agent, via, zone }: InZone & { readonly agent: string }): boolean =>
  state.losses.some((loss) => loss.agent === agent && loss.zone === zone) ||
  state.zones.some((part) => part.zone === (via ?? zone) && part.lost);

/** Zones with agents, each after the one that it is below, in the plan's order; also those of the plan that never came. */
const zonesIn = ({ members, plan }: RunState): readonly string[] =>
  (plan?.zones ?? []).flatMap(({ zone }) => {
    const own = members.filter((member) => topOf(member) === zone).map((member) => member.zone);
    return own.length === 0 ? [zone] : [...new Set(own)];
  });

function agentCounts(state: RunState): SummaryDocument["completeness"]["agents"] {
  const lost = state.members.filter((member) => isLost(state, member)).map(({ agent }) => agent);
  const finished = state.zones.reduce((sum, { agents }) => sum + agents.length, 0);
  return { expected: Math.max(state.members.length, state.plan?.agents ?? 0), finished, lost };
}

function clockBounds(state: RunState): Pick<SummaryDocument["clock"], "errorUsMax" | "startLateUsMax"> {
  const finishes = state.zones.flatMap(({ agents }) => agents);
  return {
    errorUsMax: Math.max(0, ...finishes.map(({ clockErrorUs }) => clockErrorUs)),
    startLateUsMax: Math.max(0, ...finishes.map(({ startLateUs }) => startLateUs)),
  };
}

/** Where load is missing; the part of an agent or worker that was lost is nobody's, so its gap lasts to the end. */
function gapsIn(state: RunState, durationMs: number): Pick<Completeness, "gaps"> {
  const { losses, plan, startAt, zones } = state;
  if (plan === undefined || startAt === undefined) return {};
  const gap = (who: Pick<LoadGap, "agent" | "zone" | "reason">, windows: number): LoadGap => {
    const fromMs = windows * plan.windowMs;
    return { ...who, fromMs, toMs: Math.max(fromMs, durationMs) };
  };
  const ofAgents = losses.map(({ agent, zone, reason, lastWindow }) =>
    gap({ agent, zone, reason }, lastWindow + 1),
  );
  const ofWorkers = zones.flatMap(({ zone, agents }) =>
    agents.flatMap(({ lostWorkers = [], zone: own = zone }) =>
      lostWorkers.map(({ worker, reason, intervals }) =>
        gap({ agent: worker, zone: own, reason }, intervals),
      ),
    ),
  );
  const gaps = [...ofAgents, ...ofWorkers];
  return gaps.length === 0 ? {} : { gaps };
}

function interruptedRequests({ zones }: RunState): Pick<Completeness, "interruptedRequests"> {
  const finishes = zones.flatMap(({ agents }) => agents);
  const requests = finishes.reduce((sum, { interruptedRequests = 0 }) => sum + interruptedRequests, 0);
  return requests === 0 ? {} : { interruptedRequests: requests };
}

/** What guard rails did, in all zones. */
function guardedIn({ zones }: RunState): Pick<Completeness, "guarded"> {
  const finishes = zones.flatMap(({ agents }) => agents);
  const guarded = sumGuarded(finishes.flatMap((finish) => finish.guarded ?? []));
  return guarded.length === 0 ? {} : { guarded };
}

/** Where a cause ended the load: each agent's last request. */
function stoppedAt(state: RunState): Pick<Completeness, "stopped"> {
  const { cause, evidence, plan, startAt, zones } = state;
  if (cause === undefined || plan === undefined || startAt === undefined) return {};
  const nameOf = agentNames(state);
  const last = zones.flatMap(({ zone, agents }) =>
    agents
      .filter(({ lastRequestAt }) => lastRequestAt > 0)
      .map(
        ({ agent, lastRequestAt, zone: own = zone }) =>
          [nameOf(own, agent), (lastRequestAt - startAt) / 1000] as const,
      ),
  );
  const { window } = evidence ?? {};
  const at = window === undefined ? {} : { window, windowEndMs: (window + 1) * plan.windowMs };
  return { stopped: { ...at, lastRequestMs: Object.fromEntries(last) } };
}

/** What zones and agents could not count: it contradicted their logs, or never came. */
function putAside({ zones }: RunState): readonly string[] {
  const line = (who: string, { intervals, reason }: Aside) =>
    `${who} could not count ${intervals} interval${intervals === 1 ? "" : "s"}: ${reason}`;
  const lines = zones.flatMap(({ zone, agents, aside: ofLoad, asideOfStages }) => [
    ...[ofLoad, ...asideOfStages].flatMap((aside) =>
      aside === undefined ? [] : [line(`Zone ${zone}`, aside)],
    ),
    ...agents.flatMap(({ agent, aside }) => (aside === undefined ? [] : [line(`Agent ${agent}`, aside)])),
  ]);
  return [...new Set(lines)];
}

/** Zones state how long their interval logs are; root's own log must add all of them. */
function missingIntervals(state: RunState, metrics: RunMetrics): readonly string[] {
  if (state.startAt === undefined) return [];
  return state.zones.flatMap(({ zone, incarnation, finished, intervals }) => {
    const have = metrics.log.added(`${zone}.${incarnation}`);
    return finished && have < intervals
      ? [`Zone ${zone} stated ${intervals} intervals, ${have} arrived`]
      : [];
  });
}
