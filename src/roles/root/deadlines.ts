/**
 * Everything at root that happens because time passed: a phase or stage that takes too long, a zone that went silent,
 * windows to close, a summary to make. Looked at on every tick; what it decides is an event before it takes effect.
 */
import * as Effect from "effect/Effect";
import type { Stage } from "../../../streams/schema/cause.ts";
import { absentText, revokedText, type TimeText } from "../../domain/mesh/closed-zones.ts";
import type { RunInput } from "../../domain/run/input.ts";
import { awaitsSummary, awaitsVerdict } from "../../domain/run/proceed.ts";
import { kindOf, timeoutMsOf, underWay } from "../../domain/run/stages.ts";
import { gracefulUs, isOver, isSettled, type RunState, topOf } from "../../domain/run/state.ts";
import { findingsOf, summarise } from "../../domain/summary/summarise.ts";
import { causeOfBreach } from "../../domain/threshold/abort-watch.ts";
import { drainSlackMs, levelsBelow } from "../drain-slack.ts";
import { lateIn, takeLate } from "./late-data.ts";
import * as limits from "./limits.ts";
import { advance, apply, eraseValuesOf, type RunProcess } from "./run-process.ts";

export const tick = Effect.fnUntraced(function* (process: RunProcess) {
  if (isOver(process.journal.state)) return yield* takeLate(process);
  yield* advance(process);
  // The summary is of what root's log held: nothing may be added to it afterwards.
  if (process.journal.state.summary === undefined) yield* judge(process);
  for (const input of overdue(process)) yield* apply(process, input, "");
  yield* finish(process);
});

/** Closes the windows that are due, and stops the run when a threshold that ends it was crossed in one of them. */
export const judge = Effect.fnUntraced(function* (process: RunProcess) {
  const { journal, intervals } = process;
  yield* intervals.close(journal.state);
  const evidence = intervals.breach;
  if (evidence === undefined || !hasLoad(journal.state)) return;
  yield* apply(process, { type: "Stop", cause: causeOfBreach(evidence), evidence }, "");
});

/** Nothing has ended the run yet, and somewhere its load goes on: after its planned end only as long as iterations may. */
const hasLoad = ({ cause, phase, zones }: RunState): boolean =>
  cause === undefined && (phase === "running" || (phase === "draining" && !zones.every(isSettled)));

const utcText: TimeText = (us) => `${new Date(us / 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** What has taken too long, in the state as it is now. */
function overdue(process: RunProcess): readonly RunInput[] {
  const { state } = process.journal;
  const waitedMs = waiting(process, state);
  return [
    ...phaseOverdue(process, state, waitedMs),
    ...stageOverdue(process, state, waitedMs),
    ...silentZones(process, state, waitedMs),
  ];
}

/** Milliseconds in the present phase and stage, and since a cause ended the run. */
function waiting(process: RunProcess, state: RunState): number {
  const stages = Object.entries(state.stages).map(([stage, at]) => `${stage}:${at?.result ?? "?"}`);
  const now = [state.phase, state.cause?.kind, ...stages, awaitsSummary(state)].join(" ");
  if (now !== process.entered) {
    process.entered = now;
    process.enteredMs = process.tenure.clock.elapsedMs();
  }
  return process.tenure.clock.elapsedMs() - process.enteredMs;
}

function phaseOverdue({ tenure }: RunProcess, state: RunState, waitedMs: number): readonly RunInput[] {
  if (state.cause !== undefined) return [];
  if (state.phase === "planned" && waitedMs > limits.ZONES_WITHIN_MS) {
    const heard = tenure.heardZones();
    const missing = (state.plan?.zones ?? []).map(({ zone }) => zone).filter((zone) => !heard.includes(zone));
    const message = missing.map((zone) => absentText(tenure.mesh(), zone, heard, utcText)).join("; ");
    return [{ type: "Stop", cause: { kind: "agents-missing", message, by: "" } }];
  }
  if (state.phase === "assigned" && waitedMs > limits.READY_WITHIN_MS) {
    const waitingFor = state.zones.filter(({ ready }) => !ready).map(({ zone }) => zone);
    const message = `zone ${waitingFor.join(", ")} was not ready within ${limits.READY_WITHIN_MS / 1000} s`;
    return [{ type: "Stop", cause: { kind: "agents-missing", message, by: "" } }];
  }
  return [];
}

function stageOverdue(process: RunProcess, state: RunState, waitedMs: number): readonly RunInput[] {
  const { plan } = state;
  if (plan === undefined) return [];
  return underWay(state)
    .filter((stage) => waitedMs > timeoutMsOf(plan, stage) + stageSlackMs(process, state, stage))
    .map((stage) => ({ type: "StageExpired", stage }));
}

/** Zones tell of a stage that measured when what it measured has arrived. */
function stageSlackMs(process: RunProcess, state: RunState, stage: Stage): number {
  const { by } = state.stages[stage] ?? {};
  return kindOf(stage) === "setup" || by === undefined
    ? limits.SETUP_SLACK_MS
    : slackMsOf(process, state, topOf(by));
}

/** Beyond what is planned, for a zone of the run with all that is below it. */
function slackMsOf({ tenure }: RunProcess, { members }: RunState, zone: string): number {
  const own = members.filter((member) => topOf(member) === zone);
  return drainSlackMs(levelsBelow(zone, tenure.levelsBelow(zone), own));
}

/** Zones that nobody hears any more, that cannot come back, and that do not come to an end. */
function silentZones(process: RunProcess, state: RunState, waitedMs: number): readonly RunInput[] {
  const { tenure } = process;
  const { plan } = state;
  if (plan === undefined) return [];
  const patienceMs = plan.onSilence.do === "stop" ? plan.onSilence.afterMs : 300_000;
  const overdueMs = isEnding(state) ? waitedMs - gracefulUs(plan) / 1000 : 0;
  return state.zones
    .filter((part) => !isSettled(part))
    .flatMap(({ zone }): RunInput[] => {
      const revoked = revokedText(tenure.mesh(), zone, utcText);
      if (revoked !== undefined) return [{ type: "ZoneSilent", zone, reason: revoked }];
      const silentMs = tenure.silentMs(zone);
      const silent = `zone ${zone} was not heard for ${Math.round(silentMs / 1000)} s`;
      if (silentMs > patienceMs) return [{ type: "ZoneSilent", zone, reason: silent }];
      const isOverdue = overdueMs > slackMsOf(process, state, zone);
      return isOverdue ? [{ type: "ZoneSilent", zone, reason: `zone ${zone} did not finish in time` }] : [];
    });
}

/**
 * Zones are waited for from the planned end, or from what stopped the run before it, started or not; and never from before
 * this root led: what they have said meanwhile is still to be read. An agent that is in setup may settle only after it; the
 * stage's own timeout bounds that.
 */
const isEnding = (state: RunState): boolean =>
  (state.cause !== undefined || state.phase === "draining") && underWay(state).length === 0;

/** After the load: all intervals, then the summary, then the verdict. */
const finish = Effect.fnUntraced(function* (process: RunProcess) {
  const { journal, intervals } = process;
  if (awaitsSummary(journal.state)) {
    intervals.settle(journal.state);
    yield* intervals.close(journal.state);
    const waited = process.tenure.clock.elapsedMs() - process.enteredMs > limits.COVERED_WITHIN_MS;
    if (!intervals.complete && !waited) return;
    const { document, sha256 } = summarise(process.run, journal.state, intervals.metrics(journal.state));
    const input = { type: "Summarised", intervals: intervals.length, sha256, summary: document } as const;
    yield* apply(process, input, "");
  }
  if (awaitsVerdict(journal.state)) {
    // Before the verdict: whoever reads it knows that this is done, and a leader that ends in between does it again.
    yield* eraseValuesOf(process);
    const late = lateIn(process);
    yield* apply(process, { type: "Judged", findings: findingsOf(journal.state), ...(late && { late }) }, "");
  }
});
