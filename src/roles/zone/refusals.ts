/**
 * Refused accesses, as a zone writes them down: those of its own server, as its watcher tells, and those of the zones below,
 * as each of them tells. Counted here for each of them, so that none can fill the log.
 */
import * as Effect from "effect/Effect";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import type { Delivery } from "../../ports/server.ts";
import type { FromZone } from "../follow-zone.ts";
import { readBody } from "../read-body.ts";
import { decideAndRecord } from "./record.ts";
import type { ChildRefusal, Zone } from "./self.ts";

/** The first of a kind is a fact at once; others are counted for a minute. */
export const watch = Effect.fnUntraced(function* (self: Zone, delivery: Delivery) {
  const said = readBody("watch report", delivery, self.options.note);
  if (said !== undefined) {
    const { type: _, ...seen } = said;
    const refusal = self.refusals.offer(seen, self.clock.now());
    if (refusal !== undefined)
      yield* decideAndRecord(self, { type: "Access", refusal }, delivery.envelope.id);
  }
  yield* delivery.ack;
});

type Refused = ZoneEvent & { readonly type: "AccessRefused" };

/** A zone further down counts where the one that names it has told of it; else it was in the zone that says so. */
export const childRefused = Effect.fnUntraced(function* (
  self: Zone,
  { origin, zone: child }: FromZone & { readonly type: "Fact" },
  event: Refused,
) {
  const { type: _, zone: named = child, origin: _below, ...refusal } = event;
  if (isCounted(self, origin)) return;
  self.counted.set(origin.stream, origin.sequence);
  const counter = self.refusalsOf.get(child) ?? new RefusalCounter<ChildRefusal>();
  self.refusalsOf.set(child, counter);
  const zone = self.children.tellsOf(child, named) ? named : child;
  const told = counter.offer({ ...refusal, zone, origin }, self.clock.now());
  if (told !== undefined) yield* record(self, child, told);
});

/** Facts are read again by the next coordinator, and where a link begins anew. */
const isCounted = ({ counted, journal }: Zone, { sequence, stream }: Origin): boolean =>
  sequence <= Math.max(counted.get(stream) ?? 0, journal.state.copied[stream] ?? 0);

const record = (self: Zone, child: string, { origin, ...refusal }: ChildRefusal, counted?: true) => {
  const event: ZoneEvent = { type: "AccessRefused", ...refusal };
  return decideAndRecord(self, { type: "ChildFact", child, event, origin, counted }, origin.id);
};

/** What has waited for its minute. */
export const tellCounted = Effect.fnUntraced(function* (self: Zone) {
  const now = self.clock.now();
  for (const refusal of self.refusals.due(now)) yield* decideAndRecord(self, { type: "Access", refusal }, "");
  for (const [child, counter] of self.refusalsOf) {
    for (const told of counter.due(now)) yield* record(self, child, told, true);
  }
});
