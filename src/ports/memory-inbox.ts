/** The inbox of the memory server: takes from a durable as soon as somebody has created it. */
import * as Effect from "effect/Effect";
import type { MemoryDurable } from "./memory-durable.ts";
import { type MemoryHub, nameOf } from "./memory-hub.ts";
import type { MemoryStream } from "./memory-stream.ts";
import { type Durable, DURABLE_LOOK_EVERY, sourceOf } from "./server-terms.ts";
import type { Delivery, Handler, Inbox, Stored } from "./server.ts";
import { durables } from "../../streams/assets.ts";

export const memoryInbox = (hub: MemoryHub): Inbox => ({
  take: (durable, zone, agent, handle) => take(hub, durable, zone, agent, handle),
});

/** Where a durable is found. */
export function durableKey(durable: Durable, zone: string, agent: string): string {
  const source = sourceOf(durable, zone);
  return `${nameOf(source.asset, source.zone)}/${durables[durable].name(agent)}`;
}

const take = Effect.fnUntraced(function* <R>(
  hub: MemoryHub,
  durable: Durable,
  zone: string,
  agent: string,
  handle: Handler<Delivery, R>,
) {
  const key = durableKey(durable, zone, agent);
  while (!hub.durables.has(key)) yield* Effect.sleep(DURABLE_LOOK_EVERY);
  const reader = hub.durables.get(key) as MemoryDurable;
  const stream = yield* hub.stream("take from", sourceOf(durable, zone));
  for (;;) {
    const now = yield* hub.nowUs;
    const { version } = stream.changes;
    const message = reader.take(now);
    if (message === undefined) yield* untilMore(stream, version, reader, now);
    else yield* handle(deliver(reader, stream, message));
  }
});

/** Until something new is stored, acknowledged, or due again. */
function untilMore(
  stream: MemoryStream,
  version: number,
  reader: MemoryDurable,
  now: number,
): Effect.Effect<void> {
  const changed = stream.changes.changed(version);
  if (reader.dueAt === undefined) return changed;
  return Effect.raceFirst(changed, Effect.sleep(Math.ceil((reader.dueAt - now) / 1000)));
}

const deliver = (reader: MemoryDurable, stream: MemoryStream, message: Stored): Delivery => ({
  ...message,
  ack: Effect.sync(() => {
    reader.acknowledge(message.sequence);
    stream.changes.bump(); // room for more, where too many were pending
  }),
});
