/** Puts the ports of one NATS server together over one connection. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Server } from "../ports/server.ts";
import { type ConnectFailure, type ConnectOptions, openConnection } from "./connect.ts";
import { natsAdmin } from "./nats-admin.ts";
import { natsClock } from "./nats-clock.ts";
import { natsInbox } from "./nats-inbox.ts";
import { natsLease } from "./nats-lease.ts";
import { natsLive } from "./nats-live.ts";
import { natsLog } from "./nats-log.ts";
import { natsObjects } from "./nats-objects.ts";
import { Publisher } from "./publisher.ts";
import { apiPrefixOf, domainOf } from "./server-domain.ts";
import { silenceWatch } from "./silent-consumer.ts";

/** A server for as long as the scope is open; of a parent behind a leaf link, what that lets through. */
export const natsServer = (options: ConnectOptions): Effect.Effect<Server, ConnectFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const { connection, inboxPrefix, principal } = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => openConnection(options), catch: (error) => error as ConnectFailure }),
      // Not drain: it waits for consumers that wait for us.
      ({ connection: open }) =>
        Effect.promise(() =>
          open
            .flush()
            .catch(() => undefined)
            .then(() => open.close()),
        ).pipe(Effect.timeout("1 second"), Effect.ignore),
    );
    const apiPrefix = apiPrefixOf(options.end, domainOf(connection));
    const api = { timeout: 3000, ...(apiPrefix === undefined ? {} : { apiPrefix }) };
    const js = jetstream(connection, api);
    const jsm = yield* Effect.promise(() => jetstreamManager(connection, { ...api, checkAPI: false }));
    const publisher = new Publisher(connection, inboxPrefix);
    return {
      principal,
      isLinked: apiPrefix !== undefined,
      members: () => connection.info?.connect_urls ?? [],
      log: natsLog(js, jsm, publisher, silenceWatch(connection)),
      inbox: natsInbox(js),
      live: natsLive(connection),
      objects: natsObjects(js, jsm),
      admin: natsAdmin(connection, js, jsm),
      lease: natsLease(js),
      clock: (subject) => natsClock(jsm, publisher, subject),
    };
  });
