/**
 * The forwarder: carries one of the zone's logs to its parent, once and in order, through any cut. Each copy names
 * the copy before it, so the parent's stream refuses a gap and a repetition. After any failure it asks the parent
 * what it has and goes on from there; nothing here relies on the server's window for duplicates.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { durables } from "../../../streams/assets.ts";
import type { ServerError } from "../../ports/server.ts";
import { type Delivery, type Server } from "../../ports/server.ts";
import { FORWARD_PAUSE, FORWARD_WINDOW, MAILBOX } from "./limits.ts";

export interface Lane {
  readonly zone: string;
  readonly own: Server;
  readonly upper: Server;
  /** The durable that reads the zone's log. */
  readonly durable: keyof typeof durables;
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

/** Forwards for ever. */
export const forward = (lane: Lane): Effect.Effect<never, ServerError> =>
  Effect.gen(function* () {
    const waiting = yield* Queue.bounded<Delivery>(MAILBOX);
    const take = lane.own.inbox.take(lane.durable, lane.zone, "", (delivery) =>
      Queue.offer(waiting, delivery).pipe(Effect.asVoid),
    );
    return yield* Effect.raceFirst(take, pass(lane, waiting));
  });

const pass = Effect.fnUntraced(function* (lane: Lane, waiting: Queue.Queue<Delivery>) {
  let head = yield* headOf(lane);
  for (;;) {
    const batch = yield* Queue.takeBetween(waiting, 1, FORWARD_WINDOW);
    head = yield* deliver(lane, batch, head);
    yield* batch.at(-1)?.ack ?? Effect.void;
  }
});

/** Sends a batch until all of it is there; returns the parent's new head. */
const deliver = Effect.fnUntraced(function* (lane: Lane, batch: readonly Delivery[], from: Head) {
  let head = from;
  for (;;) {
    const start = head;
    const missing = batch.filter(({ sequence }) => sequence > start.sequence);
    const last = missing.at(-1);
    if (last === undefined) return head;
    const sent = yield* send(lane, missing, start).pipe(Effect.result);
    if (sent._tag === "Success") return { id: last.envelope.id, sequence: last.sequence };
    yield* Effect.sleep(FORWARD_PAUSE);
    head = yield* headOf(lane);
  }
});

/** All at once, each with the id of the one before: the parent takes them in this order or not at all. */
const send = (lane: Lane, batch: readonly Delivery[], head: Head) =>
  Effect.forEach(
    batch,
    ({ subject, envelope, data, sequence }, index) => {
      const afterId = index === 0 ? head.id : batch[index - 1]?.envelope.id;
      const copy = { envelope: { ...envelope, sequence }, data };
      return lane.upper.log.append(lane.subjectOf(subject), copy, afterId === undefined ? {} : { afterId });
    },
    { concurrency: FORWARD_WINDOW, discard: true },
  );

/** What the parent has; asked again until it answers, for a parent may be away for long. */
const headOf = (lane: Lane): Effect.Effect<Head> =>
  lane.upper.log.last({ asset: lane.asset, zone: lane.zone }, lane.subjects).pipe(
    Effect.map((last) => ({ id: last?.envelope.id, sequence: last?.envelope.sequence ?? 0 })),
    Effect.catch(() => Effect.sleep(FORWARD_PAUSE).pipe(Effect.andThen(Effect.suspend(() => headOf(lane))))),
  );
