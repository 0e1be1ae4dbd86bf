/**
 * The shape of a definition: an asset is one stream, bucket or object store of NATS JetStream, as data. The
 * registry of assets provisions the server, writes `streams/README.md` and feeds the tests that keep it honest.
 */
import type { StreamConfig } from "@nats-io/jetstream";

/**
 * Who takes part. A door is any command that asks and reads: `mesh run`, `mesh abort`, later the gateway. A watch reads
 * the log of a NATS server beside it and tells what that one refused.
 */
export type Role = "root" | "zone" | "agent" | "door" | "watch";

/**
 * Which server holds it, and how many there are:
 * `hub` – once, at root's server · `link` – once per zone, at its parent's server · `zone` – once per zone, at its own.
 */
export type Scope = "hub" | "link" | "zone";

/** The server settings that a definition decides; everything else is the server's default. */
export type AssetConfig = Partial<
  Pick<
    StreamConfig,
    | "storage"
    | "max_age"
    | "max_bytes"
    | "max_msgs_per_subject"
    | "discard"
    | "discard_new_per_subject"
    | "duplicate_window"
    | "allow_direct"
    | "allow_msg_ttl"
  >
>;

export interface Asset {
  readonly kind: "stream" | "key-value" | "object-store";
  readonly scope: Scope;
  /** Server-side name; `zone` is the zone's name where the scope is per zone. */
  readonly name: (zone: string) => string;
  readonly subjects: (zone: string) => readonly string[];
  /** Message types inside (streams only). */
  readonly carries: readonly string[];
  readonly writers: readonly Role[];
  readonly readers: readonly Role[];
  /** One sentence: why it exists and why it is kept the way it is. Also the description on the server. */
  readonly why: string;
  readonly config: AssetConfig;
}

/** Nanoseconds, the unit of NATS durations. */
export const seconds = (n: number): number => n * 1_000_000_000;
export const days = (n: number): number => seconds(n * 86_400);
export const MEBIBYTE = 1024 * 1024;
