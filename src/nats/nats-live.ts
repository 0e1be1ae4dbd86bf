/** Last words: plain publishes that a memory stream also keeps, and plain subscriptions. Nothing is retried. */
import { headers as natsHeaders, type Msg, type NatsConnection } from "@nats-io/nats-core";
import * as Effect from "effect/Effect";
import { decodeEnvelope, encodeEnvelope } from "../domain/log/codec.ts";
import type { Live } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";
import { pump } from "./pump.ts";

export function natsLive(connection: NatsConnection): Live {
  return {
    tell: (subject, message) =>
      Effect.sync(() => {
        if (connection.isClosed()) return;
        const headers = natsHeaders();
        for (const [name, value] of encodeEnvelope(message.envelope)) headers.set(name, value);
        connection.publish(subject, message.data, { headers });
      }),
    hear: (pattern, handle) =>
      pump(
        Effect.try({
          try: () => connection.subscribe(pattern),
          catch: (error) => toServerError("hear", pattern, error),
        }),
        `hear ${pattern}`,
        (message: Msg) =>
          handle({
            subject: message.subject,
            envelope: decodeEnvelope((name) => message.headers?.get(name) ?? ""),
            data: message.data,
          }),
      ),
  };
}
