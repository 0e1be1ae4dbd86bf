/**
 * How much of a run its figures are made of: who was lost, where load is missing, what was cut or held back, and which
 * entries disagree.
 */
import type { Aside } from "../../../streams/schema/finish.ts";
import { sumGuarded } from "../guard/guard-words.ts";
import type { RunState } from "../run/state.ts";
import type { Completeness, LoadGap } from "./document.ts";
import type { RunMetrics } from "./run-metrics.ts";
import { agentNames, isLost } from "./statements.ts";

/** `mismatches`: all entries that disagree. */
export function completenessOf(
  state: RunState,
  metrics: RunMetrics,
  { durationMs, mismatches }: { readonly durationMs: number; readonly mismatches: readonly string[] },
): Completeness {
  const faults = metrics.faults();
  const folded = metrics.folded();
  return {
    agents: agentCounts(state),
    windows: metrics.log.windows,
    ...gapsIn(state, durationMs),
    ...interruptedRequests(state),
    ...guardedIn(state),
    ...stoppedAt(state),
    ...(Object.keys(folded).length === 0 ? {} : { folded }),
    mismatches,
    ...(Object.keys(faults).length === 0 ? {} : { faults }),
  };
}

/** Intervals that were stated and are in no figure. */
export const uncounted = (state: RunState, metrics: RunMetrics): readonly string[] => [
  ...missingIntervals(state, metrics),
  ...putAside(state),
];

function agentCounts(state: RunState): Completeness["agents"] {
  const lost = state.members.filter((member) => isLost(state, member)).map(({ agent }) => agent);
  const finished = state.zones.reduce((sum, { agents }) => sum + agents.length, 0);
  return { expected: Math.max(state.members.length, state.plan?.agents ?? 0), finished, lost };
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
