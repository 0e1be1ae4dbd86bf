/** Carries the messages of an open NATS iterator into an Effect handler, one after the other, until interrupted. */
import * as Effect from "effect/Effect";
import type * as Schedule from "effect/Schedule";
import { ServerError, type Asked } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";

interface Iterator<M> extends AsyncIterable<M> {
  stop?(): void;
  unsubscribe?(): void;
}

/** How to open again what could not be opened. */
interface Again {
  readonly schedule: Schedule.Schedule<unknown>;
  readonly while: (error: ServerError) => boolean;
}

/**
 * Opening cannot be interrupted, so that nothing that opened stays open: it must be one bounded attempt. Who waits for
 * something to appear says so by `again`; the pauses between the attempts can be interrupted.
 */
export function pump<M, R>(
  open: Asked<Iterator<M>>,
  what: string,
  handle: (message: M) => Effect.Effect<void, ServerError, R>,
  again?: Again,
): Effect.Effect<never, ServerError, R> {
  const close = (messages: Iterator<M>) =>
    Effect.sync(() => (messages.stop === undefined ? messages.unsubscribe?.() : messages.stop()));
  return Effect.scoped(
    Effect.gen(function* () {
      const opened = Effect.acquireRelease(open, close);
      const messages = yield* again === undefined ? opened : Effect.retry(opened, again);
      const iterator = messages[Symbol.asyncIterator]();
      for (;;) {
        const next = yield* Effect.tryPromise({
          try: () => iterator.next(),
          catch: (error) => toServerError(what, "", error),
        });
        if (next.done === true) {
          return yield* new ServerError({
            operation: what,
            address: "",
            reason: "unavailable",
            detail: "the consumer ended",
          });
        }
        yield* handle(next.value);
      }
    }),
  );
}
