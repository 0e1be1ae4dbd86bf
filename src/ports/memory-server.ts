/**
 * The server port in memory, for simulations and unit tests: one `MemoryHub` stands for a nats-server, each
 * `memoryServer` for a connection to it. It passes the same contract suite as `src/nats` does, by Effect's Clock, so
 * hours pass in milliseconds. Nothing is ever lost, delayed or cut here.
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { Envelope } from "../../streams/envelope.ts";
import { MemoryDurable } from "./memory-durable.ts";
import type { MemoryHub } from "./memory-hub.ts";
import { durableKey, memoryInbox } from "./memory-inbox.ts";
import { memoryLease } from "./memory-lease.ts";
import { answering, memoryLog, store } from "./memory-log.ts";
import { filtersOf, sourceOf } from "./server-terms.ts";
import {
  type Admin,
  type Asked,
  type Live,
  type Objects,
  type Server,
  type ServerClock,
  ServerError,
} from "./server.ts";

export { MemoryHub } from "./memory-hub.ts";

/** One connection to a hub. */
export const memoryServer = (hub: MemoryHub): Server => ({
  log: memoryLog(hub),
  inbox: memoryInbox(hub),
  live: memoryLive(hub),
  objects: memoryObjects(hub),
  admin: memoryAdmin(hub),
  lease: memoryLease(hub),
  clock: (subject) => memoryClock(hub, subject),
});

interface Heard {
  readonly subject: string;
  readonly envelope: Envelope;
  readonly data: Uint8Array;
}

const memoryLive = (hub: MemoryHub): Live => ({
  tell: (subject, message) => store(hub, subject, message).pipe(Effect.ignore),
  hear: (pattern, handle) =>
    Effect.scoped(
      Effect.gen(function* () {
        const heard = yield* Queue.unbounded<Heard>();
        const hear = (subject: string, message: Omit<Heard, "subject">) =>
          void Queue.offerUnsafe(heard, { subject, ...message });
        const hearer = { pattern, hear };
        yield* Effect.acquireRelease(
          Effect.sync(() => hub.hearers.add(hearer)),
          () => Effect.sync(() => hub.hearers.delete(hearer)),
        );
        for (;;) yield* handle(yield* Queue.take(heard));
      }),
    ),
});

const memoryObjects = (hub: MemoryHub): Objects => ({
  put: (where, name, bytes) =>
    hub.store("store", where).pipe(Effect.map((objects) => void objects.set(name, bytes.slice()))),
  has: (where, name) =>
    answering(hub.store("look for", where)).pipe(Effect.map((objects) => objects.has(name))),
  get: (where, name) =>
    answering(hub.store("fetch", where)).pipe(Effect.map((objects) => objects.get(name)?.slice())),
  remove: (where, name) =>
    hub.store("delete", where).pipe(Effect.map((objects) => void objects.delete(name))),
});

const memoryAdmin = (hub: MemoryHub): Admin => ({
  provision: (scope, zone) => Effect.sync(() => hub.provision(scope, zone)),
  durable: (durable, zone, agent) =>
    hub.stream("provision the durable", sourceOf(durable, zone)).pipe(
      Effect.map((stream) => {
        const key = durableKey(durable, zone, agent);
        const filters = filtersOf(durable, zone, agent);
        if (hub.durables.has(key)) return;
        hub.durables.set(key, new MemoryDurable(stream, filters));
      }),
    ),
  purge: (where, subjects) => hub.stream("purge", where).pipe(Effect.map((stream) => stream.purge(subjects))),
  subjects: (where, pattern) =>
    hub.stream("list", where).pipe(Effect.map((stream) => stream.subjects(pattern))),
});

const silence = {
  envelope: { id: "", type: "", version: 0, time: 0, epoch: 0, actor: "", correlation: "", causation: "" },
  data: new Uint8Array(),
};

/** Exact, since both clocks are one; the message that a measurement leaves behind is there all the same. */
const memoryClock = (hub: MemoryHub, subject: string): Asked<ServerClock> =>
  Clock.clockWith((clock) =>
    store(hub, subject, silence).pipe(
      Effect.mapError(
        ({ operation, address, detail }) =>
          new ServerError({ operation, address, reason: "not-provisioned", detail }),
      ),
      Effect.map(() => ({
        now: () => hub.timeUs(clock),
        monotonicNs: (instantUs) => BigInt(instantUs) * 1000n - hub.originNs(clock),
        instantUs: (monotonicNs) => Number((monotonicNs + hub.originNs(clock)) / 1000n),
        elapsedMs: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
        offsetUs: 0,
        errorUs: 0,
      })),
    ),
  );
