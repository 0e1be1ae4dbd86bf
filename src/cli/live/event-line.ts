/** What happens in a run, a line for each thing that a person should see when it does. */
import type { RunEvent } from "../../../streams/events/run.ts";
import { printableLine } from "../../domain/printable.ts";
import { deathText } from "../../domain/run/death.ts";
import { titleOf } from "../../domain/run/stages.ts";
import type { RunState } from "../../domain/run/state.ts";
import type { View } from "../../roles/door/follow-run.ts";

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What the panel shows by itself; without a panel these have lines, too. */
const SHOWN_BY_PANEL: ReadonlySet<RunEvent["type"]> = new Set(["RunPlanned", "StageAttempted", "RunStarted"]);

/** The line of an event, if it has one; with a panel only what the panel does not show. */
export function eventLine(run: string, event: RunEvent, view: View, hasPanel: boolean): string | undefined {
  const line = hasPanel && SHOWN_BY_PANEL.has(event.type) ? undefined : lineOf(run, event, view);
  return line === undefined ? undefined : printableLine(line);
}

/** Where the gap begins that a lost agent leaves; nothing before the start, when there was no load yet. */
function unknownAfter(
  { loss }: RunEvent & { readonly type: "AgentLost" },
  { plan, startAt }: RunState,
): string {
  if (plan === undefined || startAt === undefined) return "";
  const lastS = Math.round(((loss.lastWindow + 1) * plan.windowMs) / 1000);
  return `; nothing is known of it after ${lastS}s`;
}

function lineOf(run: string, event: RunEvent, { state }: View): string | undefined {
  switch (event.type) {
    case "RunPlanned":
      return `run ${run}: ${Object.keys(event.plan.scenarios).join(", ")} over ${event.plan.zones.map(({ zone }) => zone).join(", ")}`;
    case "StageAttempted":
      return event.stage === "summary" ? undefined : `${titleOf(event.stage)} on agent ${event.agent}`;
    case "StageEnded":
      return event.result === "succeeded"
        ? undefined
        : `${titleOf(event.stage)} ${event.result}: ${event.failure?.message ?? ""}`;
    case "RunStarted":
      return `started: ${many(state.members.length, "agent")}, ${many(workersOf(state), "worker")}`;
    case "AgentLost":
      return `lost agent ${event.loss.agent} of zone ${event.zone}: ${event.loss.reason}${unknownAfter(event, state)}`;
    case "WorkerLost":
      return `lost ${event.death.worker} of zone ${event.zone}: ${deathText(event.death)}`;
    case "ZoneLost":
      return `lost zone ${event.zone}: ${event.reason}`;
    case "RunStopping":
      return `stopping: ${event.cause.message}${event.cause.by === "" ? "" : ` (${event.cause.by})`}`;
    case "LeaderChanged":
      return `root ${event.root} leads now`;
    default:
      return undefined;
  }
}

const workersOf = ({ members }: RunState): number => members.reduce((sum, { workers }) => sum + workers, 0);
