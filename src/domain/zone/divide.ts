/**
 * Divides a zone's share among its idle agents, by their cores. The division is nested: the agents' weights stand
 * behind the zone's own path, and each agent will append its workers in turn.
 */
import { vusOf, workersUseful } from "../pace/plan-totals.ts";
import { idleAgents, type Part, type ShareState, type ZoneState } from "./state.ts";

/** The parts, or undefined while there are too few idle agents. */
export function divide(state: ZoneState, share: ShareState): readonly Part[] | undefined {
  const agents = idleAgents(state).slice(0, share.agentsNeeded);
  if (agents.length < share.agentsNeeded) return undefined;
  const weights = agents.map(({ cores }) => cores);
  return agents.map(({ agent, incarnation, cores, host }, index) => {
    const own = [...share.share, { weights, index }];
    // Setup and teardown need a worker even where no VU runs; an agent without VUs still brings one.
    const workers = Math.max(
      1,
      Math.min(cores, workersUseful(share.plan.scenarios, own), vusOf(share.plan.scenarios, own)),
    );
    return { agent, incarnation, share: own, workers, host };
  });
}
