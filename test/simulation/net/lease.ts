/** The lease over a simulated connection, as `src/nats/nats-lease.ts` takes and keeps it. */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import {
  LEASE_RENEW_EVERY,
  LEASE_SECONDS,
  LEASE_TRY_EVERY,
  standingBy,
} from "../../../src/ports/server-terms.ts";
import { type Asked, type Lease, ServerError } from "../../../src/ports/server.ts";
import type { Connection } from "./connection.ts";
import type { Host } from "./host.ts";
import { request } from "./request.ts";

const RENEWED_WITHIN_US = 1_000_000;
const TAKEN_WITHIN_US = 5_000_000;

const failure = (key: string, reason: ServerError["reason"], detail: string) =>
  new ServerError({ operation: "lease", address: key, reason, detail });

const current = (host: Host, key: string) => {
  const held = host.hub.leases.get(key);
  return held !== undefined && held.until > host.nowUs ? held : undefined;
};

/** At the server: writes the key under a new revision. */
function put(host: Host, key: string, holder: string): number {
  host.hub.leaseRevision += 1;
  const revision = host.hub.leaseRevision;
  host.hub.leases.set(key, { holder, revision, until: host.nowUs + LEASE_SECONDS * 1_000_000 });
  return revision;
}

export function lease(connection: Connection): Lease {
  const { host } = connection;
  const revisions = new Map<string, number>();
  const keep = (key: string, revision: number) => void revisions.set(key, revision);
  const ask = request(connection, TAKEN_WITHIN_US);
  const askSoon = request(connection, RENEWED_WITHIN_US);
  const holderOf = (key: string) => Effect.sync(() => current(host, key)?.holder);
  return {
    acquire: (key, holder, waiting = () => {}) =>
      ask(key, takeAt(host, key, holder)).pipe(
        Effect.tapError(({ detail }) => Effect.sync(() => waiting(detail))),
        Effect.retry(Schedule.spaced(LEASE_TRY_EVERY)),
        Effect.tap((revision) => Effect.sync(() => keep(key, revision))),
      ),
    keep: (key, holder) =>
      Effect.suspend(() => askSoon(key, renewAt(host, key, holder, revisions.get(key)))).pipe(
        Effect.tap((revision) => Effect.sync(() => keep(key, revision))),
        Effect.retry({ times: 1, while: ({ reason }) => reason === "unavailable" }),
        Effect.mapError(({ detail }) => failure(key, "lost", detail)),
        Effect.delay(LEASE_RENEW_EVERY),
        Effect.forever,
      ),
    release: (key) =>
      ask(
        key,
        Effect.sync(() => {
          if (current(host, key)?.revision === revisions.get(key)) host.hub.leases.delete(key);
        }),
      ).pipe(Effect.ignore),
    holder: (key) => ask(key, holderOf(key)),
  };
}

const takeAt = (host: Host, key: string, holder: string): Asked<number> =>
  Effect.suspend(() => {
    const held = current(host, key);
    if (held === undefined) return Effect.succeed(put(host, key, holder));
    return Effect.fail(failure(key, "unavailable", standingBy(held.holder)));
  });

const renewAt = (host: Host, key: string, holder: string, revision: number | undefined): Asked<number> =>
  Effect.suspend(() =>
    current(host, key)?.revision === revision
      ? Effect.succeed(put(host, key, holder))
      : Effect.fail(failure(key, "conflict", "somebody else took it, or it expired")),
  );
