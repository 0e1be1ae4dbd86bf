/**
 * Barriers and once-values over a server's log: one subject per participant, a coordinator counts them, one stored
 * release. A second arrival is refused by the server and is success here. Waiters listen and also look, so neither a
 * late reader nor a reconnect can miss a release.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { SyncMessage } from "../../streams/messages/sync.ts";
import { parseSubject, patterns, subjects } from "../../streams/subjects.ts";
import { decodeBody } from "../domain/log/codec.ts";
import type { Asked, Server, ServerError } from "../ports/server.ts";
import { readBody } from "./read-body.ts";
import { outgoing } from "./outgoing.ts";

export interface SyncScope {
  readonly server: Server;
  readonly zone: string;
  readonly run: string;
  readonly actor: string;
}

const where = ({ zone }: SyncScope) => ({ asset: "sync", zone }) as const;
/** A waiter looks again this often, in case what it listened for got lost. */
const LOOK_EVERY = "500 millis";

export const arrive = (
  scope: SyncScope,
  barrier: string,
  participant: string,
  incarnation: number,
): Asked<void> =>
  first(scope, subjects.syncArrival(scope.zone, scope.run, barrier, participant), {
    type: "Arrival",
    participant,
    incarnation,
  });

export const release = (scope: SyncScope, barrier: string, value: unknown): Asked<void> =>
  first(scope, subjects.syncRelease(scope.zone, scope.run, barrier), { type: "Release", value });

export const setOnce = (scope: SyncScope, name: string, value: unknown): Asked<void> =>
  first(scope, subjects.syncOnce(scope.zone, scope.run, name), { type: "Once", value });

/** The once-value, if somebody has set it. */
export const getOnce = (scope: SyncScope, name: string): Asked<unknown> =>
  scope.server.log.last(where(scope), subjects.syncOnce(scope.zone, scope.run, name)).pipe(
    Effect.map((stored) => {
      if (stored === undefined) return undefined;
      const message = decodeBody("sync", stored.envelope, stored.data);
      return message.type === "Once" ? message.value : undefined;
    }),
  );

/** Waits for the release of a barrier and returns what it hands out. The caller bounds the wait. */
export function awaitRelease(scope: SyncScope, barrier: string): Asked<unknown> {
  const subject = subjects.syncRelease(scope.zone, scope.run, barrier);
  return Effect.gen(function* () {
    const opened = yield* Deferred.make<void, ServerError>();
    yield* scope.server.live
      .hear(subject, () => Deferred.succeed(opened, undefined).pipe(Effect.asVoid))
      .pipe(
        Effect.catch(() => Effect.void),
        Effect.forkScoped,
      );
    for (;;) {
      const stored = yield* scope.server.log
        .last(where(scope), subject)
        .pipe(Effect.orElseSucceed(() => undefined));
      if (stored !== undefined) {
        const message = decodeBody("sync", stored.envelope, stored.data);
        return message.type === "Release" ? message.value : undefined;
      }
      yield* Deferred.await(opened).pipe(Effect.timeoutOption(LOOK_EVERY));
    }
  }).pipe(Effect.scoped);
}

/** Tells of every arrival at any barrier of any run in the zone, the past ones first. Runs for ever. */
export const arrivals = (
  server: Server,
  zone: string,
  handle: (run: string, barrier: string, participant: string, incarnation: number) => Effect.Effect<void>,
  note: (line: string) => void,
): Effect.Effect<never, ServerError> =>
  server.log.follow({ asset: "sync", zone }, [patterns.zoneSync(zone)], 1, (stored) => {
    const { run, barrier, participant } = parseSubject(stored.subject) ?? {};
    if (run === undefined || barrier === undefined || participant === undefined) return Effect.void;
    const message = readBody("sync", stored, note);
    return message?.type === "Arrival" ? handle(run, barrier, participant, message.incarnation) : Effect.void;
  });

/** The first message on a subject stays; that somebody was first is no failure. */
function first(scope: SyncScope, subject: string, body: SyncMessage): Asked<void> {
  const message = outgoing({ id: subject, time: 0, actor: scope.actor, correlation: scope.run }, body);
  return scope.server.log.append(subject, message).pipe(
    Effect.asVoid,
    Effect.catchTag("ServerError", (error) =>
      error.reason === "refused" ? Effect.void : Effect.fail(error),
    ),
  );
}
