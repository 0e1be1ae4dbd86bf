/**
 * Whether what was lost ends a run. It follows from the state alone, so that a root that ends between a loss and what
 * follows from it leaves nothing undecided.
 */
import type { Cause } from "../../../streams/schema/cause.ts";
import type { RunState } from "./state.ts";

/** Why the run cannot go on, by the last agent or the first zone it lost; undefined while it can. */
export function causeOfLosses(state: RunState): Cause | undefined {
  const lost = state.zones.find((part) => part.lost);
  if (lost !== undefined) return { kind: "agents-lost", message: `zone ${lost.zone} was lost`, by: "" };
  const last = state.losses.at(-1);
  if (last === undefined || areTolerated(state)) return undefined;
  const message = `lost agent ${last.agent} of zone ${last.zone}: ${last.reason}`;
  return { kind: "agents-lost", message, by: "" };
}

/** Whether the lost agents are within what the plan allows: members, after the start, and few enough. */
function areTolerated({ losses, members, plan, startAt }: RunState): boolean {
  const policy = plan?.onAgentLoss;
  if (policy?.do !== "tolerate" || startAt === undefined) return false;
  const areMembers = losses.every((loss) =>
    members.some(
      ({ agent, incarnation, zone }) =>
        zone === loss.zone && agent === loss.agent && incarnation === loss.incarnation,
    ),
  );
  return areMembers && (losses.length / members.length) * 100 <= policy.percent;
}
