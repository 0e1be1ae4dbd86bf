/**
 * The log on JetStream: appends with the expected last sequence, reads and follows with ordered consumers. Every
 * consumer states its own expiry and heartbeat: with the client's defaults it stalls 45 s after a server restart.
 */
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Outgoing } from "../domain/log/codec.ts";
import { isSame } from "../ports/same-message.ts";
import type { AssetRef, Handler, Log, Stored } from "../ports/server.ts";
import type { ServerError } from "../ports/server.ts";
import { codeOf, isConflict, toServerError } from "./nats-errors.ts";
import type { Publisher } from "./publisher.ts";
import { pump } from "./pump.ts";
import type { Watch } from "./silent-consumer.ts";
import { storedFromConsumer, storedFromDirect } from "./stored.ts";
import { streamName, streamOf } from "./stream-names.ts";

const REOPEN_EVERY = "250 millis";
const PURGE_LOOK_EVERY_MS = 1000;

export function natsLog(js: JetStreamClient, jsm: JetStreamManager, publisher: Publisher, watch: Watch): Log {
  return {
    append: (subject, message, expect) =>
      Effect.tryPromise({
        try: (signal) => publisher.publish(subject, message, { expect, signal }),
        catch: (error) => error,
      }).pipe(
        Effect.catch((error) =>
          expect?.last !== undefined && isConflict(error)
            ? sameMessageAtHead(jsm, subject, expect.last.subjects, message, error)
            : Effect.fail(toServerError("append to", subject, error)),
        ),
      ),
    last: (where, subjects) =>
      Effect.tryPromise({
        try: () => lastOn(jsm, streamName(where), subjects),
        catch: (error) => toServerError("read the last of", subjects, error),
      }),
    read: (where, subjects, from = 1) =>
      Effect.tryPromise({
        try: async (signal) => {
          const words = holdsLastWords(where)
            ? await lastMessages(jsm, streamName(where), subjects, from)
            : undefined;
          if (words !== undefined) return words;
          const found: Stored[] = [];
          await scanAll({ js, jsm, watch, stream: streamName(where), subjects, from, signal }, (stored) =>
            found.push(stored),
          );
          return found;
        },
        catch: (error) => toServerError("read", subjects.join(" "), error),
      }),
    scan: (where, subjects, take) =>
      Effect.suspend(() => {
        const guarded = new Guarded(take);
        return Effect.tryPromise({
          try: (signal) =>
            scanAll(
              { js, jsm, watch, stream: streamName(where), subjects: [subjects], from: 1, signal },
              guarded.take,
            ),
          catch: (error) => toServerError("read", subjects, error),
        }).pipe(Effect.catch((error) => guarded.dieOr(error)));
      }),
    follow: (where, subjects, from, handle) =>
      followAll({ js, watch, stream: streamName(where), subjects }, from, handle),
  };
}

/** What a reader throws is its own defect and not a failure of the server, which would be tried again for ever. */
class Guarded {
  #thrown: { readonly defect: unknown } | undefined;
  readonly #take: (stored: Stored) => void;

  constructor(take: (stored: Stored) => void) {
    this.#take = take;
  }

  readonly take = (stored: Stored): void => {
    try {
      this.#take(stored);
    } catch (defect) {
      this.#thrown = { defect };
      throw defect;
    }
  };

  dieOr(error: ServerError): Effect.Effect<never, ServerError> {
    return this.#thrown === undefined ? Effect.fail(error) : Effect.die(this.#thrown.defect);
  }
}

/** A retry of a message that was stored the first time also conflicts; then the head is our own message. */
function sameMessageAtHead(
  jsm: JetStreamManager,
  subject: string,
  subjects: string,
  message: Outgoing,
  conflict: unknown,
) {
  return Effect.tryPromise({
    try: () => lastOn(jsm, streamOf(subject), subjects),
    catch: (error) => toServerError("read the head of", subjects, error),
  }).pipe(
    Effect.flatMap((head) =>
      head !== undefined && isSame(head, message)
        ? Effect.succeed(head.sequence)
        : Effect.fail(toServerError("append to", subject, conflict)),
    ),
  );
}

async function lastOn(jsm: JetStreamManager, stream: string, subjects: string): Promise<Stored | undefined> {
  const message = await jsm.direct.getMessage(stream, { last_by_subj: subjects });
  return message === null ? undefined : storedFromDirect(message);
}

/** A stream of heartbeats: one message a subject, replaced all the time. */
const holdsLastWords = ({ asset }: AssetRef): boolean => asset === "hubLive" || asset === "zoneLive";

/** What a server says that is asked for more than 1,024 subjects at once. */
const TOO_MANY = 413;

/**
 * In one answer: while a consumer reads, a word may be said anew, and then lies behind the head that it reads to. Undefined
 * where there are too many for one answer.
 */
async function lastMessages(
  jsm: JetStreamManager,
  stream: string,
  subjects: readonly string[],
  from: number,
): Promise<readonly Stored[] | undefined> {
  const words: Stored[] = [];
  const answer = await jsm.direct.getLastMessagesFor(stream, { multi_last: [...subjects] });
  try {
    for await (const message of answer) words.push(storedFromDirect(message));
  } catch (error) {
    if (codeOf(error) === TOO_MANY) return undefined;
    throw error;
  }
  return words.filter(({ sequence }) => sequence >= from).toSorted((a, b) => a.sequence - b.sequence);
}

function orderedFrom(js: JetStreamClient, stream: string, subjects: readonly string[], from: number) {
  return js.consumers.get(stream, {
    filter_subjects: [...subjects],
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
  });
}

interface Reading {
  readonly js: JetStreamClient;
  readonly watch: Watch;
  readonly stream: string;
  readonly subjects: readonly string[];
}

interface Scan extends Reading {
  readonly jsm: JetStreamManager;
  readonly from: number;
  readonly signal: AbortSignal;
}

/** Reads up to what is the head now, with no Effect per message: a replay reads hundreds of thousands. */
async function scanAll(scan: Scan, take: (stored: Stored) => void): Promise<void> {
  const { from, js, jsm, signal, stream, subjects, watch } = scan;
  const until = await headOf(jsm, stream, subjects);
  if (until < from) return;
  const consumer = await orderedFrom(js, stream, subjects, from);
  const messages = await consumer.consume({ max_messages: 2000, expires: 2000, idle_heartbeat: 500 });
  signal.addEventListener("abort", () => messages.stop(), { once: true });
  watch(messages, () => {});
  const look = setInterval(() => void stopWhenPurged(), PURGE_LOOK_EVERY_MS);
  let seen = from - 1;
  let isPurged = false;
  try {
    for await (const message of messages) {
      if (message.seq <= until) take(storedFromConsumer(message));
      seen = message.seq;
      if (seen >= until) break;
    }
  } finally {
    clearInterval(look);
    await consumer.delete().catch(() => false);
  }
  // Half a log must not pass for all of it.
  if (seen < until && !isPurged) throw new Error("the consumer ended before the end of the log");

  /** What we wait for may have been purged in between: then it never comes. */
  async function stopWhenPurged(): Promise<void> {
    const head = await headOf(jsm, stream, subjects).catch(() => until);
    if (head > seen) return;
    isPurged = true;
    messages.stop();
  }
}

/** The last sequence on any of these subjects; 0 when there is none. */
async function headOf(jsm: JetStreamManager, stream: string, subjects: readonly string[]): Promise<number> {
  const heads = await Promise.all(subjects.map((subject) => lastOn(jsm, stream, subject)));
  return Math.max(0, ...heads.map((head) => head?.sequence ?? 0));
}

/** For as long as it is asked; a consumer that has fallen silent is replaced where it had come to. */
function followAll<R>(
  { js, stream, subjects, watch }: Reading,
  from: number,
  handle: Handler<Stored, R>,
): Effect.Effect<never, ServerError, R> {
  let next = from;
  let isSilent = false;
  const open = Effect.tryPromise({
    try: async (): Promise<ConsumerMessages> => {
      isSilent = false;
      const consumer = await orderedFrom(js, stream, subjects, next);
      const messages = await consumer.consume({ max_messages: 1000, expires: 2000, idle_heartbeat: 500 });
      watch(messages, () => (isSilent = true));
      return messages;
    },
    catch: (error) => toServerError("follow", subjects.join(" "), error),
  });
  const take = (message: JsMsg) =>
    Effect.andThen(
      handle(storedFromConsumer(message)),
      Effect.sync(() => void (next = message.seq + 1)),
    );
  return pump(open, `follow ${subjects.join(" ")}`, take, {
    // What is asked while the connection is down is lost without a word (`nats.md` B8).
    schedule: Schedule.spaced(REOPEN_EVERY),
    while: ({ reason }) => reason === "unavailable",
  }).pipe(Effect.retry({ while: () => isSilent }));
}
