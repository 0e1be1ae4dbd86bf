/**
 * The server port over a simulated connection: what `src/nats` does with a NATS connection, with the same patience, the
 * same retries under the same id, and the same errors. What JetStream promises holds (stored once per id, in order,
 * only under the expected sequence); everything else may go wrong.
 */
import * as Effect from "effect/Effect";
import type { AssetRef, Server } from "../../src/ports/server.ts";
import { sourceOf } from "../../src/ports/server-terms.ts";
import type { Connection } from "./net/connection.ts";
import { publish, tell } from "./net/publish.ts";
import { lease } from "./net/lease.ts";
import { request } from "./net/request.ts";
import { measureClock } from "./net/server-clock.ts";
import { follow, hear, take } from "./net/subscribe.ts";

/** A request to JetStream's API is answered in this time or not at all. */
const ASKED_WITHIN_US = 5_000_000;
/** Reading an object is given up after this, and tried again. */
const READ_WITHIN_US = 3_000_000;
const READ_TRIES = 4;

export function faultyServer(connection: Connection): Server {
  const { admin, log, objects } = connection.host.server;
  const ask = request(connection, ASKED_WITHIN_US);
  const read = request(connection, READ_WITHIN_US, READ_TRIES);
  return {
    log: {
      append: (subject, message, expect) => publish(connection, subject, message, expect),
      last: (where, subjects) => ask(addressOf(where), log.last(where, subjects)),
      read: (where, subjects, from) => ask(addressOf(where), log.read(where, subjects, from)),
      scan: (where, subjects, handle) =>
        ask(addressOf(where), log.read(where, [subjects])).pipe(
          Effect.map((found) => found.forEach((stored) => handle(stored))),
        ),
      follow: (where, subjects, from, handle) => follow(connection, where, subjects, from, handle),
    },
    inbox: {
      take: (durable, zone, agent, handle) => take(connection, durable, zone, agent, handle),
    },
    live: {
      tell: (subject, message) => Effect.sync(() => tell(connection, subject, message)),
      hear: (pattern, handle) => hear(connection, pattern, handle),
    },
    objects: {
      put: (where, name, bytes) => ask(addressOf(where), objects.put(where, name, bytes)),
      has: (where, name) => read(addressOf(where), objects.has(where, name)),
      get: (where, name) => read(addressOf(where), objects.get(where, name)),
      remove: (where, name) => ask(addressOf(where), objects.remove(where, name)),
    },
    admin: {
      provision: (scope, zone) => ask(scope, admin.provision(scope, zone)),
      durable: (durable, zone, agent) =>
        ask(addressOf(sourceOf(durable, zone)), admin.durable(durable, zone, agent)),
      purge: (where, subjects) => ask(addressOf(where), admin.purge(where, subjects)),
      subjects: (where, pattern) => ask(addressOf(where), admin.subjects(where, pattern)),
    },
    lease: lease(connection),
    clock: (subject) => measureClock(connection, subject),
  };
}

const addressOf = ({ asset, zone }: AssetRef): string => (zone === "" ? asset : `${asset} of ${zone}`);
