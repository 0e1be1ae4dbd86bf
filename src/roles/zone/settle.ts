/**
 * When the zone's own log holds all that its agents stated: only then is a stage or a share reported upwards. The wait
 * is bounded; what did not arrive by then, or contradicted the log, is declared and makes the run invalid.
 */
import * as Effect from "effect/Effect";
import type { Aside } from "../../../streams/schema/finish.ts";
import { isSettled, type ShareState } from "../../domain/zone/state.ts";
import { COVERED_WITHIN_MS } from "./limits.ts";
import { decideAndRecord } from "./record.ts";
import type { Zone } from "./self.ts";
import { agentSource, type ZoneIntervals } from "./zone-intervals.ts";

/** How many intervals an agent says it has made, or had stored when it was lost. */
interface Statement {
  readonly agent: string;
  readonly incarnation: number;
  readonly intervals: number;
}

/** Finishes a share when all that its agents stated is merged, or after a bounded wait. */
export const settleShare = Effect.fnUntraced(function* (self: Zone, share: ShareState, now: number) {
  const { run } = share;
  const stated = statedOf(share);
  if (share.finished) return yield* amend(self, share);
  if (!isSettled(share)) return;
  const intervals = self.intervals.get(run);
  const settledMs = self.settledMs.get(run) ?? now;
  self.settledMs.set(run, settledMs);
  if (mayStillArrive(intervals, stated) && now - settledMs < COVERED_WITHIN_MS) return;
  const aside = asideOf(intervals, stated);
  yield* decideAndRecord(self, { type: "Merged", run, intervals: intervals?.length ?? 0, aside }, "");
});

/** What had not arrived when the share finished may come after all, and is then stated anew. */
const amend = Effect.fnUntraced(function* (self: Zone, share: ShareState) {
  const { aside: before, run } = share;
  if (before?.missing === undefined) return;
  const intervals = self.intervals.get(run);
  const aside = asideOf(intervals, statedOf(share));
  if ((aside?.intervals ?? 0) >= before.intervals) return;
  yield* decideAndRecord(self, { type: "Merged", run, intervals: intervals?.length ?? 0, aside }, "");
});

/** A stage that measured is reported when what it measured has arrived, or after a bounded wait. */
export const settleDeferred = Effect.fnUntraced(function* (self: Zone, now: number) {
  for (const deferred of self.deferred.splice(0)) {
    const { agent, report, causation, sinceMs, ack } = deferred;
    const intervals = self.intervals.get(report.run);
    const stated = [{ agent, incarnation: report.incarnation, intervals: report.intervals }];
    if (mayStillArrive(intervals, stated) && now - sinceMs < COVERED_WITHIN_MS) {
      self.deferred.push(deferred);
      continue;
    }
    const aside = asideOf(intervals, stated);
    const length = intervals?.length ?? 0;
    yield* decideAndRecord(self, { type: "Report", agent, report, intervals: length, aside }, causation);
    yield* ack;
  }
});

/** What a lost agent had stored comes as well: its loss was counted from the store, not from the merge. */
const statedOf = ({ finishes, losses }: ShareState): readonly Statement[] => [...finishes, ...losses];

const mayStillArrive = (intervals: ZoneIntervals | undefined, stated: readonly Statement[]): boolean =>
  intervals !== undefined && missingOf(intervals, stated) > 0;

/** What was put aside will not come any more; of the rest it is not known. */
const missingOf = (intervals: ZoneIntervals, stated: readonly Statement[]): number =>
  stated.reduce((sum, { agent, incarnation, intervals: count }) => {
    const source = agentSource(agent, incarnation);
    return sum + Math.max(0, count - intervals.merged(source) - intervals.putAside(source));
  }, 0);

function asideOf(intervals: ZoneIntervals | undefined, stated: readonly Statement[]): Aside | undefined {
  if (intervals === undefined) return undefined;
  const { aside } = intervals;
  const missing = missingOf(intervals, stated);
  if (missing === 0) return aside;
  const reason = `they did not arrive within ${COVERED_WITHIN_MS / 1000} s after their agents had stated them`;
  return { intervals: (aside?.intervals ?? 0) + missing, reason: aside?.reason ?? reason, missing };
}
