/**
 * What a node may ask of a messaging server, as five small ports and the record that holds them. A root has one
 * server (the hub), an agent one (its zone's), a zone two: its parent's and its own. `src/nats` implements them;
 * `memory-server.ts` beside this file is the same for tests. Nothing here knows how a server works inside.
 */
import * as Context from "effect/Context";
import * as Data from "effect/Data";
import type * as Effect from "effect/Effect";
import type { AssetName, durables } from "../../streams/assets.ts";
import type { Envelope } from "../../streams/envelope.ts";
import type { Outgoing } from "../domain/log/codec.ts";

/**
 * The world said no. `reason` decides what to do: reload and decide again, try later, leave this message out
 * ("too-large": the same will not fit later either), or give up.
 */
export class ServerError extends Data.TaggedError("ServerError")<{
  readonly operation: string;
  readonly address: string;
  readonly reason: "conflict" | "unavailable" | "not-provisioned" | "refused" | "too-large" | "lost";
  readonly detail: string;
}> {
  override get message(): string {
    return `${this.operation} ${this.address}: ${this.detail}`;
  }
}

/** One asset of the contract at this server; `zone` is "" where there is one per hub. */
export interface AssetRef {
  readonly asset: AssetName;
  readonly zone: string;
}

/** A message as the server keeps it. `at` is the server's own clock, µs since the Unix epoch. */
export interface Stored extends Outgoing {
  readonly subject: string;
  readonly sequence: number;
  readonly at: number;
}

/** A message that waits for its acknowledgement; without one it comes again. */
export interface Delivery extends Stored {
  readonly ack: Effect.Effect<void>;
}

export type Asked<A> = Effect.Effect<A, ServerError>;
export type Handler<M, R = never> = (message: M) => Effect.Effect<void, ServerError, R>;

/** What must be true for an append to happen. */
export interface Expectation {
  /** The last sequence on these subjects is this one (0: there is none). */
  readonly last?: { readonly subjects: string; readonly sequence: number };
  /** The last message of the whole stream has this id: the forwarder's chain. */
  readonly afterId?: string;
}

/** Ordered messages that stay. */
export interface Log {
  /** Appends and returns the sequence; fails with "conflict" when the expectation does not hold. */
  append(subject: string, message: Outgoing, expect?: Expectation): Asked<number>;
  last(where: AssetRef, subjects: string): Asked<Stored | undefined>;
  /** Everything on these subjects now, in order, from a sequence on. */
  read(where: AssetRef, subjects: readonly string[], from?: number): Asked<readonly Stored[]>;
  /** Hands on everything on a subject now, in order, without holding it all; ends early when it is removed meanwhile. */
  scan(where: AssetRef, subjects: string, take: (stored: Stored) => void): Asked<void>;
  /** Reads and then goes on for ever, through reconnects, in order, each message once. */
  follow<R>(
    where: AssetRef,
    subjects: readonly string[],
    from: number,
    handle: Handler<Stored, R>,
  ): Effect.Effect<never, ServerError, R>;
}

/** Messages that wait for one reader. */
export interface Inbox {
  /** Takes from a durable that somebody created; waits for it to appear. Runs for ever. */
  take<R>(
    durable: keyof typeof durables,
    zone: string,
    agent: string,
    handle: Handler<Delivery, R>,
  ): Effect.Effect<never, ServerError, R>;
}

/** Last words: said to whoever listens now, and kept for seconds. */
export interface Live {
  /** Fails only with "too-large"; nobody hears of anything else that becomes of it. */
  tell(subject: string, message: Outgoing): Asked<void>;
  hear<R>(
    pattern: string,
    handle: Handler<{ readonly subject: string; readonly envelope: Envelope; readonly data: Uint8Array }, R>,
  ): Effect.Effect<never, ServerError, R>;
}

/** Named bytes. */
export interface Objects {
  put(where: AssetRef, name: string, bytes: Uint8Array): Asked<void>;
  /** Whether there is such an object, without fetching it. */
  has(where: AssetRef, name: string): Asked<boolean>;
  get(where: AssetRef, name: string): Asked<Uint8Array | undefined>;
  remove(where: AssetRef, name: string): Asked<void>;
}

/** What only the owner of an asset does. */
export interface Admin {
  /** Creates or updates every asset of a scope; refuses a change that would lose messages. */
  provision(scope: "hub" | "link" | "zone", zone: string): Asked<void>;
  /** Creates the durable that somebody else will take from. */
  durable(durable: keyof typeof durables, zone: string, agent: string): Asked<void>;
  /** Deletes what lies on these subjects. */
  purge(where: AssetRef, subjects: string): Asked<void>;
  /** Distinct subjects that hold a message now. */
  subjects(where: AssetRef, pattern: string): Asked<readonly string[]>;
}

/** At most one holder. */
export interface Lease {
  /** Waits until the lease is ours; returns the epoch. Says once each why it has to wait: who leads, or what fails. */
  acquire(key: string, holder: string, waiting?: (why: string) => void): Asked<number>;
  /** Holds on; fails with "lost" when somebody else has it or it could not be renewed in time. */
  keep(key: string, holder: string): Effect.Effect<never, ServerError>;
  release(key: string): Effect.Effect<void>;
  holder(key: string): Asked<string | undefined>;
}

/** The server's clock, read through messages it stored; our wall clock never enters. */
export interface ServerClock {
  /** Server time now, µs since the Unix epoch. */
  readonly now: () => number;
  /** A server instant on this machine's monotonic clock, in ns (`process.hrtime.bigint`). */
  readonly monotonicNs: (instantUs: number) => bigint;
  /** The inverse: server time of an instant on this machine's monotonic clock, µs. */
  readonly instantUs: (monotonicNs: bigint) => number;
  /** This machine's monotonic clock, ms: for waits and silences, which no server's clock decides. */
  readonly elapsedMs: () => number;
  /** Server clock minus this machine's wall clock when measured, and the bound of its error, µs. */
  readonly offsetUs: number;
  readonly errorUs: number;
}

export interface Server {
  /** Whose login this connection has, where it has a name: permissions bind subjects to it. */
  readonly principal?: string | undefined;
  /** Reached over a leaf link of the node's own server: where nothing answers at once, the link is down. */
  readonly isLinked?: boolean | undefined;
  /** `host:port` of the servers of its cluster, as far as it names them now. */
  readonly members?: (() => readonly string[]) | undefined;
  readonly log: Log;
  readonly inbox: Inbox;
  readonly live: Live;
  readonly objects: Objects;
  readonly admin: Admin;
  readonly lease: Lease;
  /** Measures against a subject of ours that keeps its last word. */
  readonly clock: (subject: string) => Asked<ServerClock>;
}

/** The server of the node above: root's hub, or the parent zone's. */
export class Upper extends Context.Service<Upper, Server>()("mesh/Upper") {}
/** The node's own server. For a root it is the hub. */
export class Own extends Context.Service<Own, Server>()("mesh/Own") {}
