/**
 * The inbox on JetStream: a durable that its owner created in advance. Whoever takes needs no right to create, so
 * it waits until the durable is there. A message is acknowledged only after its handler returned.
 */
import { type JetStreamClient, type JsMsg } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { durables } from "../../streams/assets.ts";
import { DURABLE_LOOK_EVERY, sourceOf } from "../ports/server-terms.ts";
import type { Delivery, Inbox } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";
import { pump } from "./pump.ts";
import { storedFromConsumer } from "./stored.ts";
import { streamName } from "./stream-names.ts";

export function natsInbox(js: JetStreamClient): Inbox {
  return {
    take: (durable, zone, agent, handle) => {
      const { name } = durables[durable];
      const stream = streamName(sourceOf(durable, zone));
      const open = Effect.tryPromise({
        try: async () => {
          const consumer = await js.consumers.get(stream, name(agent));
          return consumer.consume({ max_messages: 200, expires: 4000, idle_heartbeat: 1000 });
        },
        catch: (error) => toServerError("take from", `${stream}/${name(agent)}`, error),
      });
      return pump(open, `take from ${stream}`, (message: JsMsg) => handle(delivery(message)), {
        schedule: Schedule.spaced(DURABLE_LOOK_EVERY),
        while: (error) => error.reason !== "refused",
      });
    },
  };
}

const delivery = (message: JsMsg): Delivery => ({
  ...storedFromConsumer(message),
  ack: Effect.sync(() => message.ack()),
});
