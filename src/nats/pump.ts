/** Carries the messages of an open NATS iterator into an Effect handler, one after the other, until interrupted. */
import * as Effect from "effect/Effect";
import { ServerError, type Asked } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";

interface Iterator<M> extends AsyncIterable<M> {
  stop?(): void;
  unsubscribe?(): void;
}

export function pump<M, R>(
  open: Asked<Iterator<M>>,
  what: string,
  handle: (message: M) => Effect.Effect<void, ServerError, R>,
): Effect.Effect<never, ServerError, R> {
  const close = (messages: Iterator<M>) =>
    Effect.sync(() => (messages.stop === undefined ? messages.unsubscribe?.() : messages.stop()));
  return Effect.scoped(
    Effect.gen(function* () {
      const messages = yield* Effect.acquireRelease(open, close);
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
