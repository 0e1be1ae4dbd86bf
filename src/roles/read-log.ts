/**
 * Reads what lies on a subject now, message by message, without holding it all: a day of intervals has no bound that
 * fits into memory. Reads only, and needs no root.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { AssetRef, Asked, Server, Stored } from "../ports/server.ts";

/** How often it looks whether the end is still there. */
const LOOK_EVERY = "500 millis";

/** Hands on everything that is on these subjects now, in order. Ends early when it is removed meanwhile. */
export const readEach = (
  server: Server,
  where: AssetRef,
  subjects: string,
  handle: (stored: Stored) => void,
): Asked<void> =>
  Effect.gen(function* () {
    const head = yield* server.log.last(where, subjects);
    if (head === undefined) return;
    const done = yield* Deferred.make<void>();
    const reading = server.log.follow(where, [subjects], 1, (stored) => {
      if (stored.sequence <= head.sequence) handle(stored);
      return stored.sequence < head.sequence
        ? Effect.void
        : Deferred.succeed(done, undefined).pipe(Effect.asVoid);
    });
    yield* Effect.raceAllFirst([Deferred.await(done), reading, removed(server, where, subjects, head)]);
  });

/** Completes when the head is not there any more: then it will never come. */
const removed = (server: Server, where: AssetRef, subjects: string, head: Stored): Asked<void> =>
  server.log
    .last(where, subjects)
    .pipe(
      Effect.delay(LOOK_EVERY),
      Effect.repeat({ until: (last) => (last?.sequence ?? 0) < head.sequence }),
      Effect.asVoid,
    );
