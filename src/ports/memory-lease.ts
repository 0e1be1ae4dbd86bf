/** The lease of the memory server: a key with a time to live, renewed by whoever holds it under its revision. */
import * as Effect from "effect/Effect";
import type { Held, MemoryHub } from "./memory-hub.ts";
import { LEASE_RENEW_EVERY, LEASE_SECONDS, LEASE_TRY_EVERY, standingBy } from "./server-terms.ts";
import { type Lease, ServerError } from "./server.ts";

/** One connection's view: it remembers under which revision it holds what. */
export function memoryLease(hub: MemoryHub): Lease {
  const revisions = new Map<string, number>();
  const current = (key: string, now: number): Held | undefined => {
    const held = hub.leases.get(key);
    return held !== undefined && held.until > now ? held : undefined;
  };
  const put = (key: string, holder: string, now: number): number => {
    hub.leaseRevision += 1;
    const until = now + LEASE_SECONDS * 1_000_000;
    hub.leases.set(key, { holder, revision: hub.leaseRevision, until });
    revisions.set(key, hub.leaseRevision);
    return hub.leaseRevision;
  };
  const isOurs = (key: string, now: number) => current(key, now)?.revision === revisions.get(key);

  return {
    acquire: Effect.fnUntraced(function* (key, holder, waiting = () => {}) {
      for (let isTold = false; ; isTold = true) {
        const now = yield* hub.nowUs;
        const held = current(key, now);
        if (held === undefined) return put(key, holder, now);
        if (!isTold) waiting(standingBy(held.holder));
        yield* Effect.sleep(LEASE_TRY_EVERY);
      }
    }),
    keep: Effect.fnUntraced(function* (key, holder) {
      for (;;) {
        yield* Effect.sleep(LEASE_RENEW_EVERY);
        const now = yield* hub.nowUs;
        if (!revisions.has(key) || !isOurs(key, now)) return yield* lost(key);
        put(key, holder, now);
      }
    }),
    release: (key) =>
      Effect.map(hub.nowUs, (now) => {
        if (revisions.has(key) && isOurs(key, now)) hub.leases.delete(key);
        revisions.delete(key);
      }),
    holder: (key) => Effect.map(hub.nowUs, (now) => current(key, now)?.holder),
  };
}

const lost = (key: string) =>
  new ServerError({
    operation: "keep",
    address: key,
    reason: "lost",
    detail: "somebody else took it, or it expired",
  });
