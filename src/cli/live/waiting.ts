/** Says once what a run waits for that does not begin soon: nobody sits before a silent screen. Decides nothing. */
import type { RunState } from "../../domain/run/state.ts";
import type { View } from "../../roles/door/follow-run.ts";
import { agentsAwaited, PATIENCE_MS } from "./phase.ts";
import { narrow } from "./spans.ts";

/** Call it with each state of the run. What changes within seconds is progress, and not told. */
export function tellWaiting(note: (line: string) => void): (view: View) => void {
  let timer: NodeJS.Timeout | undefined;
  let awaited: string | undefined;
  let isTold = false;
  const tell = (text: string) => {
    isTold = true;
    note(text);
  };
  return (view) => {
    const text = waitingFor(view.state);
    if (isTold || text === awaited) return;
    awaited = text;
    clearTimeout(timer);
    if (text !== undefined) timer = setTimeout(tell, PATIENCE_MS, text).unref();
  };
}

/** Undefined for a run that has begun, or will not. */
export function waitingFor(state: RunState): string | undefined {
  const { cause, phase, plan } = state;
  if (cause !== undefined || plan === undefined) return undefined;
  if (phase === "assigned") return agentsAwaited(state, true);
  if (phase !== "planned") return undefined;
  return narrow(`waiting until every zone is up: ${plan.zones.map(({ zone }) => zone).join(", ")}`);
}
