/** Where a run stands, in a word and half a sentence: what a person waits for. A pure function of its state. */
import { kindOf, type StageKind, underWay } from "../../domain/run/stages.ts";
import { isSettled, type RunState, type ZonePart } from "../../domain/run/state.ts";
import { countFigure } from "./figures.ts";
import { narrow, type Tone } from "./spans.ts";

export interface Phase {
  readonly word: string;
  /** What is waited for, or why; may be empty. */
  readonly detail: string;
  readonly tone: Tone;
}

/** Agents take a moment in a healthy run, too: who is missing is said when nothing has come for this long. */
export const PATIENCE_MS = 3000;

/** The phase of a run that has not ended. `quietMs`: since anything was heard of it. */
export function phaseOf(state: RunState, quietMs: number): Phase {
  const word = wordOf(state);
  if (state.cause !== undefined)
    return { word, detail: narrow(`stopping: ${state.cause.message}`), tone: "warn" };
  if (word === "waiting")
    return { word, detail: agentsAwaited(state, quietMs >= PATIENCE_MS), tone: "plain" };
  return { word, detail: "", tone: word === "running" ? "good" : "plain" };
}

function wordOf(state: RunState): string {
  const { phase } = state;
  const isAt = (kind: StageKind) => underWay(state).some((stage) => kindOf(stage) === kind);
  if (isAt("summary") || state.summary !== undefined) return "summary";
  if (isAt("teardown")) return "teardown";
  if (isAt("setup")) return "setup";
  if (phase === "new" || phase === "planned") return "planning";
  if (phase === "assigned") return "waiting";
  if (phase === "ready") return "starting";
  if (state.zones.every(isSettled)) return "summary";
  if (state.cause !== undefined) return "stopping";
  return phase === "draining" ? "draining" : "running";
}

/** Zones report when all of their agents are ready, so the count moves by zones. */
export function agentsAwaited({ zones }: RunState, isLong: boolean): string {
  const sum = (parts: readonly ZonePart[]) => parts.reduce((agents, part) => agents + part.agentsNeeded, 0);
  const missing = zones.filter(({ ready }) => !ready);
  const there = sum(zones) - sum(missing);
  const figures = `${countFigure(there)} of ${countFigure(sum(zones))}`;
  if (!isLong) return `agents get ready: ${figures}`;
  const names = missing.map(({ zone }) => zone).join(", ");
  return `waiting for agents: ${figures} are ready; missing: ${names}`;
}
