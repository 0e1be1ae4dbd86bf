/** Says once what a run waits for that does not begin soon: nobody sits before a silent screen. Decides nothing. */
import type { RunState } from "../../domain/run/state.ts";
import type { View } from "../../roles/door/follow-run.ts";
import { phaseOf } from "./phase.ts";
import { narrow } from "./spans.ts";

const SILENT_MS = 2000;

/** Call it with each state of the run. */
export function tellWaiting(note: (line: string) => void): (view: View) => void {
  let timer: NodeJS.Timeout | undefined;
  let state: RunState | undefined;
  const tell = () => {
    const text = state === undefined ? undefined : waitingFor(state);
    if (text !== undefined) note(text);
  };
  return (view) => {
    state = view.state;
    if (waitingFor(state) !== undefined) timer ??= setTimeout(tell, SILENT_MS).unref();
    else clearTimeout(timer);
  };
}

/** Undefined for a run that has begun, or will not. */
export function waitingFor(state: RunState): string | undefined {
  const { cause, phase, plan } = state;
  if (cause !== undefined || plan === undefined) return undefined;
  if (phase === "assigned") return phaseOf(state).detail;
  if (phase !== "planned") return undefined;
  return narrow(`waiting until every zone is up: ${plan.zones.map(({ zone }) => zone).join(", ")}`);
}
