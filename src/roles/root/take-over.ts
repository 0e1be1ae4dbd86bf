/** The first act of a tenure: runs that an earlier leader left open go on, or end here when they ended by themselves. */
import * as Effect from "effect/Effect";
import { parseSubject, patterns } from "../../../streams/subjects.ts";
import { gracefulUs, isOver, plannedUs, type RunState } from "../../domain/run/state.ts";
import { apply, eraseValuesOf, openRun, resume } from "./run-process.ts";
import type { Asked, ServerError } from "../../ports/server.ts";
import { offer, type Root, unlessUnreadable } from "./self.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;
const PLANNED = patterns.runEventsOf("RunPlanned");

/** Runs that an earlier leader left open go on here, or end here when everything of theirs has stopped by itself. */
export const takeOver = Effect.fnUntraced(function* (self: Root) {
  const { server } = self.tenure;
  const withEvent = Effect.fnUntraced(function* (type: string) {
    const found = yield* server.admin.subjects(RUN_EVENTS, patterns.runEventsOf(type));
    return found.map((subject) => parseSubject(subject)?.run ?? "");
  });
  const ended = new Set(yield* withEvent("VerdictGiven"));
  const open = (yield* withEvent("RunPlanned")).filter((planned) => !ended.has(planned));
  const closed = new Set(yield* withEvent("RunClosed"));
  const awaiting = (yield* withEvent("LateDataAwaited")).filter((run) => ended.has(run) && !closed.has(run));
  for (const run of [...open, ...awaiting]) yield* takeOverRun(self, run);
});

export const takeOverRun = Effect.fnUntraced(function* (self: Root, run: string) {
  const { clock, epoch } = self.tenure;
  const process = openRun(run, self.tenure);
  const lastWord = yield* resume(process).pipe(unlessUnreadable(self, run));
  if (lastWord === undefined) return;
  self.runs.set(run, process);
  self.options.note(`took over run ${run}, epoch ${epoch}`);
  if (isOver(process.journal.state)) return;
  const abandoned = isAbandoned(process.journal.state, clock.now(), lastWord);
  // The command that asked for the run may have been killed: its values need not wait for the end of the run.
  if (abandoned || process.journal.state.startAt !== undefined) yield* eraseValuesOf(process);
  if (abandoned) {
    const message = "the root that led this run ended, and nobody led it for longer than its zones wait";
    yield* apply(process, { type: "Stop", cause: { kind: "leader-lost", message, by: "" } }, "");
  }
});

/** Where the plans of this tenure begin in the stream; asked before the open runs are. */
export const firstPlan = ({ tenure: { server } }: Root): Asked<number> =>
  server.log.last(RUN_EVENTS, PLANNED).pipe(Effect.map((last) => (last?.sequence ?? 0) + 1));

/**
 * A root of the past may not have noticed yet that it lost the lease, and plan a run that nobody would lead. Whatever
 * is planned under a lower epoch is taken over when it shows up.
 */
export const hearPlans = (self: Root, from: number): Effect.Effect<never, ServerError> =>
  self.tenure.server.log.follow(RUN_EVENTS, [PLANNED], from, ({ envelope, subject }) => {
    const { run } = parseSubject(subject) ?? {};
    const isOurs = run === undefined || envelope.epoch >= self.tenure.epoch;
    return isOurs ? Effect.void : offer(self, { type: "Planned", run });
  });

/** The whole run would be over by now, so nothing below it can still be at work. */
function isAbandoned(state: RunState, now: number, lastWord: number): boolean {
  const { plan, startAt } = state;
  if (plan === undefined) return false;
  const patienceUs = (plan.onSilence.do === "stop" ? plan.onSilence.afterMs : 300_000) * 1000;
  const lastUs = startAt === undefined ? lastWord : startAt + plannedUs(plan) + gracefulUs(plan);
  return now > lastUs + patienceUs;
}
