/**
 * The forwarder: carries one of the zone's logs to its parent, once and in order, through any cut. It asks the parent
 * what it has and reads its own log from there; each copy names the copy before it, so the parent's stream refuses a
 * gap and a repetition. After any failure it starts over. Nothing is remembered here, so it may be killed at any
 * point, and two of them do no more than one; nothing relies on acknowledgements or on a window for duplicates.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { AssetRef, Expectation, Server, ServerError, Stored } from "../../ports/server.ts";
import { FORWARD_PAUSE, FORWARD_WINDOW, MAILBOX } from "./limits.ts";

export interface Lane {
  readonly zone: string;
  readonly own: Server;
  readonly upper: Server;
  /** The zone's log, and the subjects of it that are carried. */
  readonly from: AssetRef;
  readonly filter: string;
  /** The parent's stream and all subjects of the lane in it. */
  readonly asset: "upEvents" | "upIntervals";
  readonly subjects: string;
  /** Subject of a copy. */
  readonly subjectOf: (subject: string) => string;
}

/** Where the parent's stream stands: the last copy's id, and its sequence in the zone's stream. */
interface Head {
  readonly id: string | undefined;
  readonly sequence: number;
}

/** Forwards for ever. A parent may be away for as long as it likes; the zone's own server may not. */
export const forward = (lane: Lane): Effect.Effect<never, ServerError> =>
  Effect.suspend(() => forwardUntilFailure(lane)).pipe(
    Effect.andThen(Effect.sleep(FORWARD_PAUSE)),
    Effect.forever,
  );

const forwardUntilFailure = Effect.fnUntraced(function* (lane: Lane) {
  const head = yield* headOf(lane);
  const waiting = yield* Queue.bounded<Stored>(MAILBOX);
  const read = lane.own.log.follow(lane.from, [lane.filter], head.sequence + 1, (stored) =>
    Queue.offer(waiting, stored).pipe(Effect.asVoid),
  );
  yield* Effect.raceFirst(read, deliver(lane, waiting, head));
});

/** Sends what waits until the parent did not take something, for whatever reason. */
const deliver = Effect.fnUntraced(function* (lane: Lane, waiting: Queue.Queue<Stored>, from: Head) {
  let head = from;
  for (;;) {
    const batch = yield* Queue.takeBetween(waiting, 1, FORWARD_WINDOW);
    const sent = yield* send(lane, batch, head).pipe(Effect.result);
    const last = batch.at(-1);
    if (sent._tag === "Failure" || last === undefined) return;
    head = { id: last.envelope.id, sequence: last.sequence };
  }
});

/** All at once, each with the id of the one before: the parent takes them in this order or not at all. */
const send = (lane: Lane, batch: readonly Stored[], head: Head) =>
  Effect.forEach(
    batch,
    ({ subject, envelope, data, sequence }, index) => {
      const afterId = index === 0 ? head.id : batch[index - 1]?.envelope.id;
      const copy = { envelope: { ...envelope, sequence }, data };
      return lane.upper.log.append(lane.subjectOf(subject), copy, expectation(lane, afterId));
    },
    { concurrency: FORWARD_WINDOW, discard: true },
  );

/** The first copy of all expects that there is none. */
const expectation = (lane: Lane, afterId: string | undefined): Expectation =>
  afterId === undefined ? { last: { subjects: lane.subjects, sequence: 0 } } : { afterId };

/** What the parent has; asked again until it answers. */
const headOf = (lane: Lane): Effect.Effect<Head> =>
  lane.upper.log.last({ asset: lane.asset, zone: lane.zone }, lane.subjects).pipe(
    Effect.map((last) => ({ id: last?.envelope.id, sequence: last?.envelope.sequence ?? 0 })),
    Effect.retry(Schedule.spaced(FORWARD_PAUSE)),
    Effect.orDie,
  );
