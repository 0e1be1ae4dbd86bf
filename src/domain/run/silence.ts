/**
 * Agents that ended their part before its planned end with no cause from above and no worker lost: their plan's
 * `onSilence` stopped them. An agent states only that its part is not whole; why follows from what the run knows.
 */
import type { Cause } from "../../../streams/schema/cause.ts";
import type { AgentFinish } from "../../../streams/schema/finish.ts";
import type { RunState } from "./state.ts";

/** Why a run may not count as having gone to its end although these agents of a zone have; undefined if it may. */
export function silenceOf(
  { cause, plan }: Pick<RunState, "cause" | "plan">,
  zone: string,
  finishes: readonly AgentFinish[],
): Cause | undefined {
  const silenced = finishes.filter(({ whole, lostWorkers }) => !whole && lostWorkers === undefined);
  if (cause !== undefined || silenced.length === 0) return undefined;
  const names = silenced.map(({ agent }) => agent).join(", ");
  const seconds = plan?.onSilence.do === "stop" ? ` of ${plan.onSilence.afterMs / 1000} s` : "";
  const message =
    `agent ${names} stopped before the planned end: nothing was heard from above for longer than ` +
    `the plan's onSilence${seconds}`;
  return { kind: "silence", message, by: `zone ${zone}` };
}
