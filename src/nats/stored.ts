/** A stored message of JetStream in our words, whether a consumer brought it or a direct get. */
import type { JsMsg, StoredMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/nats-core";
import { decodeEnvelope } from "../domain/log/codec.ts";
import type { Stored } from "../ports/server.ts";

export function storedFromConsumer(message: JsMsg): Stored {
  return {
    subject: message.subject,
    sequence: message.seq,
    at: Math.floor(message.info.timestampNanos / 1000),
    envelope: decodeEnvelope(headerOf(message.headers)),
    data: message.data,
  };
}

/** Each header's first value; the client's own `get` looks through all of them every time. */
function headerOf(headers: MsgHdrs | undefined): (name: string) => string {
  const values = new Map<string, string>();
  for (const [name, [value]] of headers ?? []) if (value !== undefined) values.set(name, value);
  return (name) => values.get(name) ?? "";
}

export function storedFromDirect(message: StoredMsg): Stored {
  return {
    subject: message.subject,
    sequence: message.seq,
    at: microseconds(message.timestamp),
    envelope: decodeEnvelope(headerOf(message.header)),
    data: message.data,
  };
}

/** RFC 3339 with up to nine digits of a second; `Date` would cut it to milliseconds. */
export function microseconds(timestamp: string): number {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? "0";
  const seconds = Math.floor(Date.parse(timestamp) / 1000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
