/**
 * The envelope: what every message says about itself, in NATS headers, so that a reader may skip bodies. Facts
 * stay in the body. `Mesh-Previous` and `Mesh-Hash` chain the messages of one log; only events have them.
 */

export const headers = {
  /** Unique for ever; the server also uses it to refuse a second copy. */
  id: "Nats-Msg-Id",
  type: "Mesh-Type",
  version: "Mesh-Version",
  /** When it was written, by the writer's clock: whole microseconds since the Unix epoch. */
  time: "Mesh-Time",
  /** The leader's epoch under which it was decided; 0 from doors and agents. Receivers refuse lower ones. */
  epoch: "Mesh-Epoch",
  /** Who asked: `user@host` from doors, a node's name elsewhere. */
  actor: "Mesh-Actor",
  /** What it belongs to: the run, or the session of a node. */
  correlation: "Mesh-Correlation",
  /** Id of the message that caused it. */
  causation: "Mesh-Causation",
  /** Commands only: after this instant (µs since the Unix epoch) nobody may carry it out. */
  expires: "Mesh-Expires",
  /** Forwarded copies only: the sequence in the stream where it was first written. */
  sequence: "Mesh-Sequence",
  /** Events only: hash of the event before it in its log; empty for the first. */
  previous: "Mesh-Previous",
  /** Events only: SHA-256 of this event, over the other headers and the body. */
  hash: "Mesh-Hash",
} as const;

export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly time: number;
  readonly epoch: number;
  readonly actor: string;
  readonly correlation: string;
  readonly causation: string;
  readonly expires?: number;
  readonly sequence?: number;
  readonly previous?: string;
  readonly hash?: string;
  /** Not on the wire: why these headers cannot be ours. Nobody takes the body of such a message. */
  readonly fault?: string;
}

/** The headers that the hash covers, in this order, each followed by a newline; the body's bytes come last. */
export const hashedHeaders = [
  "id",
  "type",
  "version",
  "time",
  "epoch",
  "actor",
  "correlation",
  "causation",
  "previous",
] as const satisfies readonly (keyof Envelope)[];

/** The content type of an interval in `Mesh-Type`; its body is the binary frame, not JSON. */
export const INTERVAL = "Interval";
