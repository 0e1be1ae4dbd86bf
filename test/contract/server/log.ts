/** Appending: sequences, expectations, repetitions, the first message that stays, the chain of the forwarder. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { expect } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { note, noted, plain, reasonOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

export function logContract(holds: Holds): void {
  holds("appends one after the other and keeps the whole message", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const [a, b] = [subjects.zoneEvent(zone, "A"), subjects.zoneEvent(zone, "B")];
      const { envelope, data } = note("two");
      const full = { ...envelope, expires: 12, sequence: 7, previous: "p", hash: "h" };
      expect(yield* log.append(a, note("one"))).toBe(1);
      expect(yield* log.append(b, { envelope: full, data })).toBe(2);
      const where = { asset: "zoneEvents", zone } as const;
      expect((yield* log.read(where, [a])).map(plain)).toEqual([noted(a, 1, "one")]);
      expect((yield* log.read(where, [b])).map(plain)).toEqual([{ ...noted(b, 2, "two"), envelope: full }]);
    }),
  );

  holds("stores a message once, however often it is said", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const subject = subjects.zoneEvent(place.zone, "A");
      expect(yield* log.append(subject, note("one"))).toBe(1);
      expect(yield* log.append(subject, note("two"))).toBe(2);
      expect(yield* log.append(subject, note("one"))).toBe(1);
      expect(yield* log.read({ asset: "zoneEvents", zone: place.zone }, [subject])).toHaveLength(2);
    }),
  );

  holds("lets one of two writers append after the same message", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const { run } = place;
      const [a, b] = [subjects.runEvent(run, "A"), subjects.runEvent(run, "B")];
      const last = (sequence: number) => ({ last: { subjects: subjects.runLog(run), sequence } });
      const first = yield* one.log.append(a, note(`${run}-1`), last(0));
      expect(yield* reasonOf(other.log.append(b, note(`${run}-2`), last(0)))).toBe("conflict");
      const second = yield* other.log.append(b, note(`${run}-2`), last(first));
      expect(second).toBeGreaterThan(first);
      expect(yield* reasonOf(one.log.append(a, note(`${run}-3`), last(first)))).toBe("conflict");
    }),
  );

  holds("takes the repetition of the last message for success, also with an expectation", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { run } = place;
      const subject = subjects.runEvent(run, "A");
      const last = { last: { subjects: subjects.runLog(run), sequence: 0 } };
      const first = yield* log.append(subject, note(`${run}-1`), last);
      expect(yield* log.append(subject, note(`${run}-1`), last)).toBe(first);
    }),
  );

  holds("is not fooled by another writer's message under the same id", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const { run } = place;
      const subject = subjects.runEvent(run, "A");
      const last = { last: { subjects: subjects.runLog(run), sequence: 0 } };
      const id = `${run}-1`;
      yield* one.log.append(subject, note("mine", id), last);
      expect(yield* reasonOf(other.log.append(subject, note("yours", id), last))).toBe("conflict");
      const rehashed = { ...note("mine", id), envelope: { ...note("mine", id).envelope, hash: "other" } };
      expect(yield* reasonOf(other.log.append(subject, rehashed, last))).toBe("conflict");
    }),
  );

  holds("expects nothing of subjects outside the expectation", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { run } = place;
      yield* log.append(subjects.runEvent(`${run}-a`, "A"), note(`${run}-a`));
      const last = { last: { subjects: subjects.runLog(`${run}-b`), sequence: 0 } };
      yield* log.append(subjects.runEvent(`${run}-b`, "A"), note(`${run}-b`), last);
    }),
  );

  holds("waits for a stream that somebody is about to create", (place) =>
    Effect.gen(function* () {
      const server = yield* place.connect;
      const appended = yield* Effect.forkChild(
        server.log.append(subjects.zoneEvent(place.zone, "A"), note("early")),
      );
      yield* Effect.sleep("200 millis");
      yield* server.admin.provision("zone", place.zone);
      expect(yield* Fiber.join(appended)).toBe(1);
    }),
  );

  holds("keeps the first message on a subject of sync and refuses every other", (place) =>
    Effect.gen(function* () {
      const { log, admin } = yield* opened(place);
      const { zone, run } = place;
      const [a, b] = ["a", "b"].map((who) => subjects.syncArrival(zone, run, "ready", who)) as [
        string,
        string,
      ];
      yield* log.append(a, note("first"));
      expect(yield* reasonOf(log.append(a, note("second")))).toBe("refused");
      yield* log.append(b, note("third"));
      const where = { asset: "sync", zone } as const;
      const found = yield* log.read(where, [subjects.syncRun(zone, run)]);
      expect(found.map(plain)).toEqual([noted(a, 1, "first"), noted(b, 2, "third")]);
      yield* admin.purge(where, subjects.syncRun(zone, run));
      yield* log.append(a, note("fourth"));
    }),
  );

  chainContract(holds);
}

function chainContract(holds: Holds): void {
  holds("refuses a gap in the chain of a forwarder", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const subject = subjects.zoneUpEvent(zone, "A");
      const after = (afterId: string) => ({ afterId });
      expect(yield* reasonOf(log.append(subject, note("2"), after("1")))).toBe("conflict");
      yield* log.append(subject, note("1"));
      yield* log.append(subject, note("2"), after("1"));
      expect(yield* reasonOf(log.append(subject, note("4"), after("3")))).toBe("conflict");
      expect(yield* reasonOf(log.append(subject, note("3"), after("1")))).toBe("conflict");
      expect(yield* log.append(subject, note("2"), after("1"))).toBe(2);
      yield* log.append(subject, note("3"), after("2"));
      const all = yield* log.read({ asset: "upEvents", zone }, [patterns.zoneUpEvents(zone)]);
      expect(all.map(({ envelope }) => envelope.id)).toEqual(["1", "2", "3"]);
    }),
  );
}
