/**
 * Zones below that nobody hears any more, and zones below that do not come to an end: they are given up by this zone's own
 * monotonic time, as root gives up its own, and before the node above would give up this one for their sake.
 */
import * as Effect from "effect/Effect";
import { gracefulUs, plannedUs } from "../../domain/run/state.ts";
import { type ChildPart, isChildSettled, type ShareState } from "../../domain/zone/state.ts";
import { drainSlackMs, levelsBelow } from "../drain-slack.ts";
import { OWN_STALL_MS } from "./limits.ts";
import { decideAndRecord } from "./record.ts";
import type { Zone } from "./self.ts";

export const declareSilentZones = Effect.fnUntraced(function* (self: Zone, now: number) {
  if (now - self.ownHeardMs > OWN_STALL_MS) return;
  for (const share of Object.values(self.journal.state.shares)) {
    if (share.forgotten || share.finished || share.children.every(isChildSettled)) continue;
    const overdueMs = overdueSinceMs(self, share, now);
    for (const child of share.children) {
      if (isChildSettled(child)) continue;
      const reason = whyGivenUp(self, share, child, overdueMs);
      if (reason === undefined) continue;
      yield* decideAndRecord(self, { type: "ChildSilent", run: share.run, zone: child.zone, reason }, "");
    }
  }
});

function whyGivenUp(
  { children, options }: Zone,
  { plan }: ShareState,
  { members, zone }: ChildPart,
  overdueMs: number,
): string | undefined {
  const patienceMs = plan.onSilence.do === "stop" ? plan.onSilence.afterMs : 300_000;
  const silentMs = children.silentMs(zone);
  const name = `zone ${zone} below zone ${options.zone}`;
  if (silentMs > patienceMs) return `${name} was not heard for ${Math.round(silentMs / 1000)} s`;
  const isOverdue = overdueMs > drainSlackMs(levelsBelow(zone, children.levelsBelow(zone), members));
  return isOverdue ? `${name} did not finish in time` : undefined;
}

/** How long ago the last iterations of a share had to be over, as far as this coordinator has seen it to its end. */
function overdueSinceMs(self: Zone, share: ShareState, now: number): number {
  const { parentStartAt, plan, run, stopping } = share;
  const isPastEnd = parentStartAt !== undefined && self.upperClock.now() > parentStartAt + plannedUs(plan);
  if (stopping === undefined && !isPastEnd) return 0;
  const sinceMs = self.endingMs.get(run) ?? now;
  self.endingMs.set(run, sinceMs);
  return now - sinceMs - gracefulUs(plan) / 1000;
}
