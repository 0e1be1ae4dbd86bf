/** What the agents of a run stated, as the ledger takes it: those that said it, and those that were lost before they could. */
import type { InZone, RunState } from "../run/state.ts";
import type { AgentStatement } from "./ledger.ts";

export function statements(state: RunState): readonly AgentStatement[] {
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
export function agentNames({ members }: RunState): (zone: string, agent: string) => string {
  const zonesOf = (agent: string) =>
    new Set(members.filter((m) => m.agent === agent).map(({ zone }) => zone)).size;
  const shared = new Set(members.map(({ agent }) => agent).filter((agent) => zonesOf(agent) > 1));
  return (zone, agent) => (shared.has(agent) ? `${zone}/${agent}` : agent);
}

export const isLost = (state: RunState, { agent, via, zone }: InZone & { readonly agent: string }): boolean =>
  state.losses.some((loss) => loss.agent === agent && loss.zone === zone) ||
  state.zones.some((part) => part.zone === (via ?? zone) && part.lost);
