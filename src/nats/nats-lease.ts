/**
 * The lease: one key with a time to live. Who creates it leads; the revision of that creation is the epoch.
 * Renewal is a plain publish that carries the TTL again, because the client's `update` drops it and makes the
 * lease permanent (`nats.md` B10). A lease alone does not fence: receivers refuse lower epochs.
 */
import { headers as natsHeaders } from "@nats-io/nats-core";
import type { JetStreamClient } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { assets } from "../../streams/assets.ts";
import { LEASE_RENEW_EVERY, LEASE_SECONDS, LEASE_TRY_EVERY, standingBy } from "../ports/server-terms.ts";
import { type Lease, ServerError } from "../ports/server.ts";
import { isConflict, toServerError } from "./nats-errors.ts";

/** So many different reasons to wait are told. */
const REASONS_MAX = 20;
const TTL = `${LEASE_SECONDS}s`;

export function natsLease(js: JetStreamClient): Lease {
  const bucket = assets.lease.name();
  const revisions = new Map<string, number>();
  const open = (): Promise<KV> => new Kvm(js).open(bucket);
  const failure = (operation: string) => (error: unknown) => toServerError(operation, bucket, error);

  /** The revision at which it is ours, or the name of who holds it. */
  const take = async (key: string, holder: string): Promise<number | string> => {
    const bucket = await open();
    try {
      const revision = await bucket.create(key, holder, TTL);
      revisions.set(key, revision);
      return revision;
    } catch (error) {
      if (!isConflict(error)) throw error;
      return (await bucket.get(key))?.string() ?? "";
    }
  };

  const renew = async (key: string, holder: string): Promise<void> => {
    const ack = await js.publish(`$KV.${bucket}.${key}`, holder, {
      headers: natsHeaders(),
      ttl: TTL,
      timeout: 1000,
      expect: { lastSubjectSequence: revisions.get(key) ?? 0 },
    });
    revisions.set(key, ack.seq);
  };

  return {
    acquire: (key, holder, waiting = () => {}) =>
      Effect.suspend(() => {
        const tell = once(waiting);
        return Effect.tryPromise({ try: () => take(key, holder), catch: failure("acquire") }).pipe(
          Effect.tapError((error) => Effect.sync(() => tell(error.message))),
          Effect.filterOrFail((taken) => typeof taken === "number", heldBy(key, tell)),
          Effect.retry(Schedule.spaced(LEASE_TRY_EVERY)),
        );
      }),
    keep: (key, holder) =>
      Effect.tryPromise({ try: () => renew(key, holder), catch: failure("renew") }).pipe(
        // Two tries fit into the TTL; after that somebody else may already lead.
        Effect.retry({ times: 1, while: (error) => error.reason === "unavailable" }),
        Effect.mapError(
          (error) =>
            new ServerError({ operation: "keep", address: key, reason: "lost", detail: error.detail }),
        ),
        Effect.delay(LEASE_RENEW_EVERY),
        Effect.forever,
      ),
    release: (key) =>
      Effect.promise(async () => {
        const revision = revisions.get(key);
        if (revision === undefined) return;
        revisions.delete(key);
        await (await open()).delete(key, { previousSeq: revision }).catch(() => undefined);
      }),
    holder: (key) =>
      Effect.tryPromise({
        try: async () => {
          const entry = await (await open()).get(key);
          return entry?.operation === "PUT" ? entry.string() : undefined;
        },
        catch: failure("read"),
      }),
  };
}

/** Each reason once, and not without end where a server finds new words every time. */
function once(tell: (why: string) => void): (why: string) => void {
  const told = new Set<string>();
  return (why) => {
    if (told.has(why) || told.size >= REASONS_MAX) return;
    told.add(why);
    tell(why);
  };
}

const heldBy =
  (key: string, tell: (why: string) => void) =>
  (holder: number | string): ServerError => {
    if (holder !== "") tell(standingBy(String(holder)));
    return new ServerError({
      operation: "acquire",
      address: key,
      reason: "unavailable",
      detail: "held by another",
    });
  };
