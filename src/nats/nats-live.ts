/**
 * Last words: plain publishes that a memory stream also keeps, and plain subscriptions. Nothing is retried. A word that
 * is longer than the server takes is a failure and no defect: the client throws it.
 */
import { headers as natsHeaders, type Msg, type NatsConnection } from "@nats-io/nats-core";
import * as Effect from "effect/Effect";
import { decodeEnvelope, encodeEnvelope, type Outgoing } from "../domain/log/codec.ts";
import type { Live } from "../ports/server.ts";
import { isPayloadError, PayloadTooLarge, toServerError } from "./nats-errors.ts";
import { pump } from "./pump.ts";

export function natsLive(connection: NatsConnection): Live {
  return {
    tell: (subject, message) =>
      Effect.try({
        try: () => publish(connection, subject, message),
        catch: (error) => toServerError("tell", subject, tooLargeOr(error, message, connection)),
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

function publish(connection: NatsConnection, subject: string, { data, envelope }: Outgoing): void {
  if (connection.isClosed()) return;
  const headers = natsHeaders();
  for (const [name, value] of encodeEnvelope(envelope)) headers.set(name, value);
  connection.publish(subject, data, { headers });
}

const tooLargeOr = (error: unknown, { data }: Outgoing, { info }: NatsConnection): unknown =>
  isPayloadError(error) ? new PayloadTooLarge(data.length, info?.max_payload ?? 0) : error;
