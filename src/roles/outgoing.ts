/** Makes messages of a node: the envelope every one of them carries, and its body's bytes. */
import { type Envelope, INTERVAL } from "../../streams/envelope.ts";
import { encodeBody, type Outgoing } from "../domain/log/codec.ts";

export interface Header {
  readonly id: string;
  /** µs since the Unix epoch, by the clock of the node's server. */
  readonly time: number;
  readonly actor: string;
  readonly epoch?: number;
  readonly correlation?: string;
  readonly causation?: string;
  readonly expires?: number;
}

export function outgoing(header: Header, body: { readonly type: string }): Outgoing {
  return { envelope: envelopeOf(header, body.type), data: encodeBody(body) };
}

/** An interval is its frame; the id makes every copy of it the same message. */
export function outgoingInterval(header: Header, frame: Uint8Array): Outgoing {
  return { envelope: envelopeOf(header, INTERVAL), data: frame };
}

function envelopeOf(header: Header, type: string): Envelope {
  const { id, time, actor, epoch = 0, correlation = "", causation = "", expires } = header;
  const base = { id, type, version: 1, time, epoch, actor, correlation, causation };
  return expires === undefined ? base : { ...base, expires };
}
