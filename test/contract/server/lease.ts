/** Leadership: one holder at a time, and a greater epoch for each. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { expect } from "vitest";
import { reasonOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

export function leaseContract(holds: Holds): void {
  holds("has one holder; a release lets the next one in, under a greater epoch", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const key = place.run;
      expect(yield* one.lease.holder(key)).toBeUndefined();
      const first = yield* one.lease.acquire(key, "one");
      const told: string[] = [];
      const wait = (why: string) => void told.push(why);
      const next = yield* Effect.forkChild(other.lease.acquire(key, "other", wait));
      yield* Effect.sleep("300 millis");
      expect(told).toEqual(["standing by: one leads"]);
      expect(yield* other.lease.holder(key)).toBe("one");
      yield* one.lease.release(key);
      expect(yield* Fiber.join(next)).toBeGreaterThan(first);
      expect(yield* one.lease.holder(key)).toBe("other");
    }),
  );

  holds("lasts for as long as it is kept", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const key = place.run;
      yield* one.lease.acquire(key, "one");
      const keeping = yield* Effect.forkChild(one.lease.keep(key, "one"));
      const wanting = other.lease.acquire(key, "other").pipe(Effect.timeoutOption("5 seconds"));
      expect((yield* wanting)._tag).toBe("None");
      yield* Fiber.interrupt(keeping);
      yield* other.lease.acquire(key, "other"); // it expires by itself
    }),
  );

  holds("tells its former holder that it is lost", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const key = place.run;
      const first = yield* one.lease.acquire(key, "one");
      expect(yield* other.lease.acquire(key, "other")).toBeGreaterThan(first);
      expect(yield* reasonOf(one.lease.keep(key, "one"))).toBe("lost");
      yield* one.lease.release(key); // takes nothing away from the new holder
      expect(yield* one.lease.holder(key)).toBe("other");
    }),
  );
}
