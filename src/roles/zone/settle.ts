/**
 * When the zone's own log holds all that its agents stated: only then is a stage or a share reported upwards. The wait
 * is bounded; what did not arrive by then, or contradicted the log, is declared and makes the run invalid.
 */
import * as Effect from "effect/Effect";
import type { Aside } from "../../../streams/schema/finish.ts";
import { sumOf } from "../../domain/sum.ts";
import { sumOfAsides } from "../../domain/zone/from-child.ts";
import { awaitedBy, isSettled, type ShareState } from "../../domain/zone/state.ts";
import { COVERED_WITHIN_MS } from "../drain-slack.ts";
import { decideAndRecord } from "./record.ts";
import type { Zone } from "./self.ts";
import { agentSource, childSource, type Statement, type ZoneIntervals } from "./zone-intervals.ts";

/** Finishes a share when all that its agents stated is merged, or after a bounded wait. */
export const settleShare = Effect.fnUntraced(function* (self: Zone, share: ShareState, now: number) {
  const { run } = share;
  const stated = statedOf(self, share);
  if (share.finished) return yield* amend(self, share);
  if (!isSettled(share)) return;
  const intervals = self.intervals.get(run);
  const settledMs = self.settledMs.get(run) ?? now;
  self.settledMs.set(run, settledMs);
  if (mayStillArrive(intervals, stated) && now - settledMs < COVERED_WITHIN_MS) return;
  yield* decideAndRecord(self, merged(self, share), "");
});

/** What the zone states of a share: of its own, and of the zones below it. */
const merged = (self: Zone, share: ShareState) => {
  const intervals = self.intervals.get(share.run);
  const asides = [asideOf(intervals, statedOf(self, share)), ...share.children.map(({ aside }) => aside)];
  const aside = sumOfAsides(asides);
  const length = intervals?.length ?? 0;
  return { type: "Merged", run: share.run, intervals: length, aside, awaits: awaitedBy(share) } as const;
};

/** What had not arrived when the share finished may come after all, as a zone below may, and is then stated anew. */
const amend = Effect.fnUntraced(function* (self: Zone, share: ShareState) {
  const { aside: before, awaits } = share;
  if (before?.missing === undefined && awaits.length === 0) return;
  const now = merged(self, share);
  // A zone that came back says how much it has before all of that is here.
  if ((now.aside?.missing ?? 0) <= (before?.missing ?? 0)) yield* decideAndRecord(self, now, "");
});

/** A stage that measured is reported when what it measured has arrived, or after a bounded wait. */
export const settleDeferred = Effect.fnUntraced(function* (self: Zone, now: number) {
  for (const deferred of self.deferred.splice(0)) {
    const { run, input, causation, sinceMs, ack } = deferred;
    const intervals = self.intervals.get(run);
    const stated = [deferred.stated];
    if (mayStillArrive(intervals, stated) && now - sinceMs < COVERED_WITHIN_MS) {
      self.deferred.push(deferred);
      continue;
    }
    const aside = asideOf(intervals, stated);
    const length = intervals?.length ?? 0;
    yield* decideAndRecord(self, { ...input, intervals: length, aside }, causation);
    yield* ack;
  }
});

/** What a lost agent had stored comes as well: its loss was counted from the store, not from the merge. */
const statedOf = (self: Zone, { children, finishes, losses }: ShareState): readonly Statement[] => [
  ...[...finishes, ...losses].map(({ agent, incarnation, intervals }) => ({
    source: agentSource(agent, incarnation),
    intervals,
  })),
  ...children
    .filter(({ finished }) => finished)
    .map(({ announced = 0, intervals, zone }) => ({
      source: childSource(self.options.zone, zone, announced),
      intervals,
    })),
];

const mayStillArrive = (intervals: ZoneIntervals | undefined, stated: readonly Statement[]): boolean =>
  intervals !== undefined && missingOf(intervals, stated) > 0;

/** What was put aside will not come any more; of the rest it is not known. */
const missingOf = (intervals: ZoneIntervals, stated: readonly Statement[]): number =>
  sumOf(
    stated.map(({ source, intervals: count }) =>
      Math.max(0, count - intervals.merged(source) - intervals.putAside(source)),
    ),
  );

function asideOf(intervals: ZoneIntervals | undefined, stated: readonly Statement[]): Aside | undefined {
  if (intervals === undefined) return undefined;
  const { aside } = intervals;
  const missing = missingOf(intervals, stated);
  if (missing === 0) return aside;
  const reason = `they did not arrive within ${COVERED_WITHIN_MS / 1000} s after who made them had stated them`;
  return { intervals: sumOf([aside?.intervals ?? 0, missing]), reason: aside?.reason ?? reason, missing };
}
