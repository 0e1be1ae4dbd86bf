/** The log of the memory server: appends, reads, and following a stream as it grows. */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Outgoing } from "../domain/log/codec.ts";
import type { MemoryHub } from "./memory-hub.ts";
import { APPEND_WITHIN_MS } from "./server-terms.ts";
import {
  type Asked,
  type AssetRef,
  type Expectation,
  type Handler,
  type Log,
  ServerError,
  type Stored,
} from "./server.ts";

const TRY_EVERY_MS = 50;

export function memoryLog(hub: MemoryHub): Log {
  return {
    append: (subject, message, expect) =>
      store(hub, subject, message, expect).pipe(
        Effect.retry({
          schedule: Schedule.spaced(TRY_EVERY_MS),
          times: APPEND_WITHIN_MS / TRY_EVERY_MS,
          while: ({ reason }) => reason === "unavailable",
        }),
      ),
    last: (where, subjects) =>
      answering(hub.stream("read the last of", where)).pipe(Effect.map((stream) => stream.last(subjects))),
    read: (where, subjects, from = 1) =>
      answering(hub.stream("read", where)).pipe(Effect.map((stream) => stream.from(from, subjects))),
    scan: (where, subjects, take) =>
      answering(hub.stream("read", where)).pipe(
        Effect.map((stream) => stream.from(1, [subjects]).forEach((stored) => take(stored))),
      ),
    follow: (where, subjects, from, handle) => follow(hub, where, subjects, from, handle),
  };
}

/** Where there is no stream nobody answers a direct get, so a reader cannot tell this from a server that is down. */
export const answering = <A>(asked: Asked<A>): Asked<A> =>
  asked.pipe(
    Effect.mapError(
      ({ operation, address, detail }) =>
        new ServerError({ operation, address, reason: "unavailable", detail }),
    ),
  );

/** One try to store a message; whoever listens hears it in any case. */
export function store(
  hub: MemoryHub,
  subject: string,
  message: Outgoing,
  expect?: Expectation,
): Asked<number> {
  return Effect.flatMap(hub.nowUs, (now) => {
    const failure = (reason: ServerError["reason"], detail: string) =>
      Effect.fail(new ServerError({ operation: "append to", address: subject, reason, detail }));
    hub.say(subject, message);
    const stream = hub.streamOf(subject);
    if (stream === undefined) return failure("unavailable", "nobody answers: no such stream here");
    const answer = stream.append(subject, message, now, expect);
    return typeof answer === "number" ? Effect.succeed(answer) : failure(answer.reason, answer.detail);
  });
}

const follow = Effect.fnUntraced(function* <R>(
  hub: MemoryHub,
  where: AssetRef,
  subjects: readonly string[],
  from: number,
  handle: Handler<Stored, R>,
) {
  let next = from;
  for (;;) {
    const stream = yield* hub.stream("follow", where);
    const { version } = stream.changes;
    const message = stream.next(next, subjects);
    if (message === undefined) {
      next = Math.max(next, stream.head + 1); // what lies behind was looked at
      yield* stream.changes.changed(version);
    } else {
      next = message.sequence + 1;
      yield* handle(message);
    }
  }
});
