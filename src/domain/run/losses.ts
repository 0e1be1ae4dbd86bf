/**
 * Whether what was lost ends a run. It follows from the state alone, so that a root that ends between a loss and what
 * follows from it leaves nothing undecided.
 */
import type { Cause } from "../../../streams/schema/cause.ts";
import { deathText } from "./death.ts";
import type { LostWorker, RunState } from "./state.ts";

/** Why the run cannot go on, by the first zone, or the last agent or worker it lost; undefined while it can. */
export function causeOfLosses(state: RunState): Cause | undefined {
  const lost = state.zones.find((part) => part.lost);
  if (lost !== undefined) return { kind: "agents-lost", message: `zone ${lost.zone} was lost`, by: "" };
  if (areTolerated(state)) return undefined;
  const last = state.losses.at(-1);
  if (last === undefined) return causeOfDeaths(state);
  const message = `lost agent ${last.agent} of zone ${last.zone}: ${last.reason}`;
  return { kind: "agents-lost", message, by: "" };
}

/** The same where it was a worker that was lost last. */
export function causeOfDeaths(state: RunState): Cause | undefined {
  const last = state.deaths.at(-1);
  if (last === undefined || areTolerated(state)) return undefined;
  const by = `agent ${last.agent} in zone ${last.zone}`;
  return { kind: "agents-lost", message: deathText(last.death), by };
}

interface One {
  readonly zone: string;
  readonly agent: string;
  readonly incarnation: number;
}

const isSame = (a: One, b: One): boolean =>
  a.zone === b.zone && a.agent === b.agent && a.incarnation === b.incarnation;

/**
 * Whether what was lost is within what the plan allows: of members, after the start, and little enough. A worker is so
 * much of its agent as it has workers.
 */
function areTolerated({ deaths, losses, members, plan, startAt }: RunState): boolean {
  if (losses.length + deaths.length === 0) return true;
  const policy = plan?.onAgentLoss;
  if (policy?.do !== "tolerate" || startAt === undefined) return false;
  if (![...losses, ...deaths].every((loss) => members.some((member) => isSame(member, loss)))) return false;
  const shareOf = (death: LostWorker): number =>
    1 / Math.max(1, members.find((member) => isSame(member, death))?.workers ?? 1);
  const ofOthers = deaths.filter((death) => !losses.some((loss) => isSame(loss, death)));
  const lost = losses.length + ofOthers.reduce((sum, death) => sum + shareOf(death), 0);
  // Three thirds of an agent are one agent.
  return (lost / members.length) * 100 <= policy.percent + 1e-9;
}
