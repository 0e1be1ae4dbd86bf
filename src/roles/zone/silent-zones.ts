/**
 * Zones below that nobody hears any more, and zones below that do not come to an end: they are given up by this zone's own
 * monotonic time, as root gives up its own, and before the node above would give up this one for their sake.
 */
import * as Effect from "effect/Effect";
import { gracefulUs, plannedUs } from "../../domain/run/state.ts";
import { isChildSettled, type ShareState } from "../../domain/zone/state.ts";
import { CHILD_DRAIN_SLACK_MS, OWN_STALL_MS } from "./limits.ts";
import { decideAndRecord } from "./record.ts";
import type { Zone } from "./self.ts";

export const declareSilentZones = Effect.fnUntraced(function* (self: Zone, now: number) {
  if (now - self.ownHeardMs > OWN_STALL_MS) return;
  for (const share of Object.values(self.journal.state.shares)) {
    if (share.forgotten || share.finished || share.children.every(isChildSettled)) continue;
    const isOverdue = isDrainOverdue(self, share, now);
    for (const child of share.children) {
      if (isChildSettled(child)) continue;
      const reason = whyGivenUp(self, share, child.zone, isOverdue);
      if (reason === undefined) continue;
      yield* decideAndRecord(self, { type: "ChildSilent", run: share.run, zone: child.zone, reason }, "");
    }
  }
});

function whyGivenUp(
  { children, options }: Zone,
  { plan }: ShareState,
  child: string,
  isOverdue: boolean,
): string | undefined {
  const patienceMs = plan.onSilence.do === "stop" ? plan.onSilence.afterMs : 300_000;
  const silentMs = children.silentMs(child);
  const name = `zone ${child} below zone ${options.zone}`;
  if (silentMs > patienceMs) return `${name} was not heard for ${Math.round(silentMs / 1000)} s`;
  return isOverdue ? `${name} did not finish in time` : undefined;
}

/** Longer than the last iterations may take since they are to end. Each level waits less than the one above it. */
function isDrainOverdue(self: Zone, share: ShareState, now: number): boolean {
  const { parentStartAt, plan, run, stopping } = share;
  const isPastEnd = parentStartAt !== undefined && self.hubClock.now() > parentStartAt + plannedUs(plan);
  if (stopping === undefined && !isPastEnd) return false;
  const sinceMs = self.endingMs.get(run) ?? now;
  self.endingMs.set(run, sinceMs);
  const slackMs = CHILD_DRAIN_SLACK_MS / (self.above.length + 1);
  return now - sinceMs > gracefulUs(plan) / 1000 + slackMs;
}
