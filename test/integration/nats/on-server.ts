/** Programs against real servers: connections that close with the program, and a bound on every one of them. */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { natsServer } from "../../../src/nats/nats-server.ts";
import type { PrivateNats } from "../../support/nats.ts";

/** Runs a program to its end, or fails after a minute; every connection it opened is closed then. */
export const run = <A>(program: Effect.Effect<A, Error, Scope.Scope>): Promise<A> =>
  program.pipe(Effect.scoped, Effect.timeout("55 seconds"), Effect.runPromise);

export const connect = ({ url }: PrivateNats, name = "test") => natsServer({ url, name });

/** A connection to a server that holds everything of a zone `z`, on both sides of its link. */
export const provisioned = Effect.fnUntraced(function* (nats: PrivateNats) {
  const server = yield* connect(nats);
  yield* server.admin.provision("hub", "");
  yield* server.admin.provision("link", "z");
  yield* server.admin.provision("zone", "z");
  return server;
});

/** Kills the server as a crash would, and starts it again with the same port and data. */
export const crash = (nats: PrivateNats): Effect.Effect<void> => Effect.promise(() => nats.restart());
