/**
 * After a verdict that was given before everything was in: takes what still arrives, revises the report with it, and
 * closes the run when all is in or the wait is over. The verdict's revision 0 stays as it was.
 */
import * as Effect from "effect/Effect";
import { isClosed, type RunState } from "../../domain/run/state.ts";
import { findingsIn, summarise } from "../../domain/summary/summarise.ts";
import { LATE_QUIET_MS, LATE_WITHIN_US } from "./limits.ts";
import { apply, type RunProcess } from "./run-process.ts";

/** What the verdict lacks although it may still come: of which zones, and until when it is waited for. */
export function lateIn({ intervals, journal, tenure }: RunProcess): RunState["late"] {
  // A zone that was given up may have come back since the summary was made.
  intervals.settle(journal.state);
  const zones = intervals.missing(journal.state);
  return zones.length === 0 ? undefined : { zones, until: tenure.clock.now() + LATE_WITHIN_US };
}

export const takeLate = Effect.fnUntraced(function* (process: RunProcess) {
  const { intervals, journal } = process;
  if (isClosed(journal.state)) return;
  intervals.settle(journal.state);
  yield* intervals.close(journal.state);
  const isAllIn = intervals.missing(journal.state).length === 0;
  const reason = isAllIn ? "everything is in" : waitIsOver(process);
  // The last report has all that was taken: what came a moment before the end is in it, too.
  if (hasNews(process, reason !== undefined)) yield* revise(process);
  if (reason !== undefined) yield* apply(process, { type: "Close", reason }, "");
});

/** True once after each change of what is known, as soon as no more comes with it. */
function hasNews(process: RunProcess, isLast: boolean): boolean {
  const { losses, zones } = process.journal.state;
  const { length } = process.intervals;
  const { known } = process.late;
  const now = process.tenure.clock.elapsedMs();
  const isKnown = known?.length === length && known.losses === losses && known.zones === zones;
  if (!isKnown) process.late = { known: { length, losses, zones }, sinceMs: now, isTold: false };
  if (process.late.isTold || (!isLast && now - process.late.sinceMs < LATE_QUIET_MS)) return false;
  process.late.isTold = true;
  return true;
}

/** The same figures are no revision. */
const revise = Effect.fnUntraced(function* (process: RunProcess) {
  const { run, journal, intervals } = process;
  const { state } = journal;
  const { document, sha256 } = summarise(run, state, intervals.metrics(state));
  if (sha256 === state.report.sha256) return;
  const figures = { intervals: intervals.length, sha256, summary: document };
  yield* apply(process, { type: "Revised", ...figures, findings: findingsIn(document) }, "");
});

function waitIsOver({ journal, tenure }: RunProcess): string | undefined {
  const { late } = journal.state;
  if (late === undefined || tenure.clock.now() < late.until) return undefined;
  const minutes = LATE_WITHIN_US / 60_000_000;
  return `of zone ${late.zones.join(", ")} not everything came within ${minutes} minutes; it is not waited for any more`;
}
