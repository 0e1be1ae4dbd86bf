/** Puts the ports of one NATS server together over one connection. */
import { readFile } from "node:fs/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Server } from "../ports/server.ts";
import { type ConnectFailure, type ConnectOptions, inboxPrefix, openConnection } from "./connect.ts";
import { natsAdmin } from "./nats-admin.ts";
import { natsClock } from "./nats-clock.ts";
import { natsInbox } from "./nats-inbox.ts";
import { natsLease } from "./nats-lease.ts";
import { natsLive } from "./nats-live.ts";
import { natsLog } from "./nats-log.ts";
import { natsObjects } from "./nats-objects.ts";
import { principalIn } from "./principal.ts";
import { Publisher } from "./publisher.ts";

const principalOf = ({ credsFile }: ConnectOptions): Effect.Effect<string | undefined> =>
  credsFile === undefined
    ? Effect.succeed(undefined)
    : Effect.promise(() => readFile(credsFile, "utf8").then(principalIn, () => undefined));

/** A server for as long as the scope is open. */
export const natsServer = (options: ConnectOptions): Effect.Effect<Server, ConnectFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const connection = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => openConnection(options), catch: (error) => error as ConnectFailure }),
      // Not drain: it waits for consumers that wait for us.
      (open) =>
        Effect.promise(() =>
          open
            .flush()
            .catch(() => undefined)
            .then(() => open.close()),
        ).pipe(Effect.timeout("1 second"), Effect.ignore),
    );
    const js = jetstream(connection, { timeout: 3000 });
    const jsm = yield* Effect.promise(() => jetstreamManager(connection, { timeout: 3000, checkAPI: false }));
    const publisher = new Publisher(connection, inboxPrefix(options.name));
    return {
      principal: yield* principalOf(options),
      log: natsLog(js, jsm, publisher),
      inbox: natsInbox(js),
      live: natsLive(connection),
      objects: natsObjects(js, jsm),
      admin: natsAdmin(js, jsm),
      lease: natsLease(js),
      clock: (subject) => natsClock(jsm, publisher, subject),
    };
  });
