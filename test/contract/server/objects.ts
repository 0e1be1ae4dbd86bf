/** Named bytes. */
import * as Effect from "effect/Effect";
import { expect } from "vitest";
import { type Holds, opened } from "./worlds.ts";

/** More than one chunk of an object store. */
const BIG = 300_000;

export function objectsContract(holds: Holds): void {
  holds("gives back what was put, the newest under a name, and undefined where nothing is", (place) =>
    Effect.gen(function* () {
      const [one, other] = [yield* opened(place), yield* place.connect];
      const where = { asset: "zoneObjects", zone: place.zone } as const;
      const bytes = new Uint8Array(BIG).map((_, i) => (i * 7) % 251);
      expect(yield* one.objects.get(where, "bundle/x")).toBeUndefined();
      yield* one.objects.put(where, "bundle/x", new Uint8Array([1, 2, 3]));
      yield* one.objects.put(where, "bundle/x", bytes);
      expect(Buffer.compare((yield* other.objects.get(where, "bundle/x")) ?? Buffer.of(), bytes)).toBe(0);
      yield* one.objects.put(where, "empty", new Uint8Array());
      expect(yield* other.objects.get(where, "empty")).toHaveLength(0);
    }),
  );

  holds("removes, also what is not there", (place) =>
    Effect.gen(function* () {
      const { objects } = yield* opened(place);
      const where = { asset: "environments", zone: "" } as const;
      yield* objects.put(where, place.run, new Uint8Array([1]));
      yield* objects.remove(where, place.run);
      expect(yield* objects.get(where, place.run)).toBeUndefined();
      yield* objects.remove(where, place.run);
      yield* objects.remove(where, `${place.run}-never`);
    }),
  );
}
