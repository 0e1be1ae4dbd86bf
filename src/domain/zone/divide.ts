/**
 * Divides a zone's share among its idle agents and the zones below it, by their cores. The division is nested: these
 * weights stand behind the zone's own path, and each agent will append its workers in turn, each zone its members.
 */
import { vusOf, workersUseful } from "../pace/plan-totals.ts";
import type { Share } from "../segment/share.ts";
import { type AgentState, idleAgents, type Part, type ShareState, type ZoneState } from "./state.ts";

/** A zone below, and the cores of the agents in and below it that have no part of a run, in the order it would take them. */
export interface ChildOffer {
  readonly zone: string;
  readonly cores: readonly number[];
}

export interface DividedShare {
  readonly parts: readonly Part[];
  readonly zones: readonly { readonly zone: string; readonly share: Share; readonly agents: number }[];
}

/**
 * The parts, or undefined while there are too few idle agents. The zone's own agents come first, then the zones below, each
 * with as many agents as it has.
 */
export function divide(
  state: ZoneState,
  share: ShareState,
  offers: readonly ChildOffer[],
): DividedShare | undefined {
  const agents = idleAgents(state).slice(0, share.agentsNeeded);
  let left = share.agentsNeeded - agents.length;
  const zones = offers.flatMap(({ zone, cores }) => {
    const taken = cores.slice(0, left);
    left -= taken.length;
    return taken.length === 0 ? [] : [{ zone, agents: taken.length, cores: sum(taken) }];
  });
  if (left > 0) return undefined;
  const weights = [...agents, ...zones].map(({ cores }) => cores);
  const shareOf = (index: number): Share => [...share.share, { weights, index }];
  return {
    parts: agents.map((agent, index) => partOf(share, agent, shareOf(index))),
    zones: zones.map((child, index) => ({
      zone: child.zone,
      share: shareOf(agents.length + index),
      agents: child.agents,
    })),
  };
}

function partOf({ plan }: ShareState, { agent, cores, host, incarnation }: AgentState, own: Share): Part {
  // Setup and teardown need a worker even where no VU runs; an agent without VUs still brings one.
  const workers = Math.max(
    1,
    Math.min(cores, workersUseful(plan.scenarios, own), vusOf(plan.scenarios, own)),
  );
  return { agent, incarnation, share: own, workers, host };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
