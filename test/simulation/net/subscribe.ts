/**
 * What a server sends by itself: a log as it grows, the messages of a durable, last words. A log is followed in order,
 * each message once, through resets; what a durable handed out and nobody acknowledged comes again; last words are
 * dropped, doubled and overtaken as the weather is.
 */
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import type { Outgoing } from "../../../src/domain/log/codec.ts";
import type { Durable } from "../../../src/ports/server-terms.ts";
import type { AssetRef, Delivery, Handler, ServerError, Stored } from "../../../src/ports/server.ts";
import type { Connection, Subscription } from "./connection.ts";

const REOPEN_US = 250_000;

type Received<M> = { readonly message: M } | { readonly error: ServerError };

/** Hands on what a subscription receives, one after the other, until it fails. */
const receive = <M, R>(
  connection: Connection,
  open: (hand: (received: Received<M>) => void) => () => void,
  handle: Handler<M, R>,
): Effect.Effect<never, ServerError, R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const inbox = yield* Queue.unbounded<Received<M>>();
      const subscription: Subscription = {
        open: () => open((received) => void Queue.offerUnsafe(inbox, received)),
      };
      yield* Effect.acquireRelease(
        Effect.sync(() => connection.subscribe(subscription)),
        () => Effect.sync(() => connection.unsubscribe(subscription)),
      );
      for (;;) {
        const next = yield* Queue.take(inbox);
        if ("error" in next) return yield* next.error;
        yield* handle(next.message);
      }
    }),
  );

export function follow<R>(
  connection: Connection,
  where: AssetRef,
  subjects: readonly string[],
  from: number,
  handle: Handler<Stored, R>,
): Effect.Effect<never, ServerError, R> {
  const { host } = connection;
  let next = from;
  return receive<Stored, R>(
    connection,
    (hand) => {
      const read = host.server.log.follow(where, subjects, next, (stored) =>
        Effect.sync(() =>
          connection.down(() => {
            next = stored.sequence + 1;
            hand({ message: stored });
          }),
        ),
      );
      return stopper(connection, read, hand);
    },
    handle,
  );
}

export function take<R>(
  connection: Connection,
  durable: Durable,
  zone: string,
  agent: string,
  handle: Handler<Delivery, R>,
): Effect.Effect<never, ServerError, R> {
  const { host, weather } = connection;
  return receive<Delivery, R>(
    connection,
    (hand) => {
      const read = host.server.inbox.take(durable, zone, agent, (delivery) =>
        Effect.sync(() => connection.down(() => hand({ message: overTheWire(delivery) }))),
      );
      return stopper(connection, read, hand);
    },
    handle,
  );

  function overTheWire(delivery: Delivery): Delivery {
    const ack = Effect.sync(() => {
      if (!weather.losesRequest) connection.up(() => void host.fork(delivery.ack));
    });
    return { ...delivery, ack };
  }
}

/** Runs a reading at the server; what ends it ends the client's, too, but for a server that is only not there yet. */
function stopper<M>(
  connection: Connection,
  read: Effect.Effect<never, ServerError>,
  hand: (received: Received<M>) => void,
): () => void {
  const { client, host } = connection;
  let isStopped = false;
  let fiber: Fiber.Fiber<never, ServerError> | undefined;
  const begin = () => {
    if (isStopped) return;
    fiber = host.fork(Effect.catchTag(read, "ServerError", failed));
  };
  const failed = (error: ServerError) =>
    Effect.callback<never>(() => {
      if (error.reason === "unavailable") client.kernel.after(REOPEN_US, begin);
      else connection.down(() => hand({ error }));
    });
  begin();
  return () => {
    isStopped = true;
    fiber?.interruptUnsafe();
  };
}

type Heard = Outgoing & { readonly subject: string };

export function hear<R>(
  connection: Connection,
  pattern: string,
  handle: Handler<Heard, R>,
): Effect.Effect<never, ServerError, R> {
  const { host, weather } = connection;
  return receive<Heard, R>(
    connection,
    (hand) => {
      const hearer = {
        pattern,
        hear: (subject: string, message: Outgoing) => {
          const arrive = () => hand({ message: { subject, ...message } });
          if (weather.dropsLive) return;
          const copies = weather.doublesLive ? 2 : 1;
          for (let copy = 0; copy < copies; copy += 1) send(arrive, weather.overtakenUs());
        },
      };
      host.hub.hearers.add(hearer);
      return () => void host.hub.hearers.delete(hearer);
    },
    handle,
  );

  function send(arrive: () => void, lateUs: number): void {
    if (lateUs === 0) connection.down(arrive);
    else connection.downLate(arrive, lateUs);
  }
}
