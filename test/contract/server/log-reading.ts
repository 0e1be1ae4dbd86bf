/** Reading and following: what is last, what is there now, and what comes after it. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { expect } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Server, Stored } from "../../../src/ports/server.ts";
import { gather, note, noted, plain, reasonOf, textOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

const said = (log: Server["log"], subject: string, ...texts: readonly string[]) =>
  Effect.forEach(texts, (text) => log.append(subject, note(text)), { discard: true });

export function logReadingContract(holds: Holds): void {
  holds("gives the last message of a subject, of a pattern, and undefined where there is none", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      const [a, b] = [subjects.zoneEvent(zone, "A"), subjects.zoneEvent(zone, "B")];
      expect(yield* log.last(where, patterns.zoneEvents(zone))).toBeUndefined();
      yield* said(log, a, "1", "2");
      yield* said(log, b, "3");
      const [ofA, ofAll] = [yield* log.last(where, a), yield* log.last(where, patterns.zoneEvents(zone))];
      expect([ofA, ofAll].map((last) => last && plain(last))).toEqual([noted(a, 2, "2"), noted(b, 3, "3")]);
      expect(yield* log.last(where, subjects.zoneEvent(zone, "C"))).toBeUndefined();
    }),
  );

  holds("reads what is there now, in order, by several filters, from a sequence on", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      const [a, b, c] = ["A", "B", "C"].map((type) => subjects.zoneEvent(zone, type)) as [
        string,
        string,
        string,
      ];
      expect(yield* log.read(where, [a])).toEqual([]);
      for (const [subject, text] of [
        [a, "1"],
        [b, "2"],
        [c, "3"],
        [a, "4"],
        [b, "5"],
      ] as const)
        yield* said(log, subject, text);
      const texts = (filters: readonly string[], from?: number) =>
        log.read(where, filters, from).pipe(Effect.map((found) => found.map(textOf)));
      expect(yield* texts([patterns.zoneEvents(zone)])).toEqual(["1", "2", "3", "4", "5"]);
      expect(yield* texts([a, b])).toEqual(["1", "2", "4", "5"]);
      expect(yield* texts([a, c], 2)).toEqual(["3", "4"]);
      expect(yield* texts([c], 4)).toEqual([]);
      expect(yield* texts([a], 99)).toEqual([]);
    }),
  );

  holds("hands on what is there now, in order, and nothing that comes later", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      const [a, b] = [subjects.zoneEvent(zone, "A"), subjects.zoneEvent(zone, "B")];
      const scanned = (pattern: string) =>
        Effect.gen(function* () {
          const texts: string[] = [];
          yield* log.scan(where, pattern, (stored) => texts.push(textOf(stored)));
          return texts;
        });
      expect(yield* scanned(a)).toEqual([]);
      for (let n = 0; n < 60; n += 1) yield* said(log, n % 5 === 0 ? b : a, String(n));
      const all = Array.from({ length: 60 }, (_, n) => n);
      expect(yield* scanned(patterns.zoneEvents(zone))).toEqual(all.map(String));
      expect(yield* scanned(b)).toEqual(all.filter((n) => n % 5 === 0).map(String));
    }),
  );

  holds("lets a reader that throws die of its own fault, which is no failure of the server", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      yield* said(log, subjects.zoneEvent(zone, "A"), "1", "2");
      const fault = new Error("a frame that cannot be read");
      const died = yield* log
        .scan(where, patterns.zoneEvents(zone), () => {
          throw fault;
        })
        .pipe(
          Effect.as("nothing"),
          Effect.catchDefect((defect) => Effect.succeed(defect)),
        );
      expect(died).toBe(fault);
    }),
  );

  holds("follows the past and then the present, in order, each message once", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      const [a, b] = [subjects.zoneEvent(zone, "A"), subjects.zoneEvent(zone, "B")];
      yield* said(log, a, "1", "2");
      yield* said(log, b, "3");
      const followed = yield* Effect.forkChild(
        gather<Stored>(5, (handle) => log.follow(where, [a], 2, handle)),
      );
      yield* said(log, a, "4");
      yield* said(log, b, "5");
      yield* said(log, a, "6", "7", "8");
      const got = yield* Fiber.join(followed);
      expect(got.map(plain)).toEqual([2, 4, 6, 7, 8].map((n) => noted(a, n, String(n))));
    }),
  );

  holds("follows several filters as one", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneEvents", zone } as const;
      const [a, b, c] = ["A", "B", "C"].map((type) => subjects.zoneEvent(zone, type)) as [
        string,
        string,
        string,
      ];
      const followed = yield* Effect.forkChild(
        gather<Stored>(3, (handle) => log.follow(where, [a, c], 1, handle)),
      );
      yield* said(log, a, "1");
      yield* said(log, b, "2");
      yield* said(log, c, "3");
      yield* said(log, a, "4");
      expect((yield* Fiber.join(followed)).map(textOf)).toEqual(["1", "3", "4"]);
    }),
  );

  holds("ends a follower with the failure of its handler", (place) =>
    Effect.gen(function* () {
      const { log } = yield* opened(place);
      const { zone } = place;
      const subject = subjects.zoneEvent(zone, "A");
      yield* said(log, subject, "1");
      const conflict = log.append(subject, note("2"), { last: { subjects: subject, sequence: 9 } });
      const handle = () => conflict.pipe(Effect.asVoid);
      const ended = log.follow({ asset: "zoneEvents", zone }, [subject], 1, handle);
      expect(yield* reasonOf(ended)).toBe("conflict");
    }),
  );

  holds("says so when there is nothing to read from", (place) =>
    Effect.gen(function* () {
      const { log } = yield* place.connect;
      const where = { asset: "zoneEvents", zone: `${place.zone}-none` } as const;
      const pattern = patterns.zoneEvents(where.zone);
      // A direct get gets no answer at all where there is no stream.
      expect(yield* reasonOf(log.last(where, pattern))).toBe("unavailable");
      expect(yield* reasonOf(log.read(where, [pattern]))).toBe("unavailable");
      expect(yield* reasonOf(log.follow(where, [pattern], 1, () => Effect.void))).toBe("not-provisioned");
    }),
  );
}
