/** Named bytes. */
import * as Effect from "effect/Effect";
import { expect } from "vitest";
import type { Asked } from "../../../src/ports/server.ts";
import { type Holds, opened } from "./worlds.ts";

/** More than one chunk of an object store. */
const BIG = 300_000;

const reasonOf = (asked: Asked<unknown>) =>
  Effect.match(asked, { onSuccess: () => "none", onFailure: ({ reason }) => reason });

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

  holds("says whether an object is there without fetching it", (place) =>
    Effect.gen(function* () {
      const { objects } = yield* opened(place);
      const where = { asset: "linkObjects", zone: place.zone } as const;
      expect(yield* objects.has(where, "bundle/x~?>")).toBe(false);
      yield* objects.put(where, "bundle/x~?>", new Uint8Array(BIG));
      expect(yield* objects.has(where, "bundle/x~?>")).toBe(true);
      yield* objects.remove(where, "bundle/x~?>");
      expect(yield* objects.has(where, "bundle/x~?>")).toBe(false);
    }),
  );

  holds("says so where there is no store; a reader cannot tell it from a server that is away", (place) =>
    Effect.gen(function* () {
      const { objects } = yield* place.connect;
      const nowhere = { asset: "zoneObjects", zone: `${place.zone}-nowhere` } as const;
      const reasons = [
        yield* reasonOf(objects.get(nowhere, "x")),
        yield* reasonOf(objects.has(nowhere, "x")),
        yield* reasonOf(objects.put(nowhere, "x", new Uint8Array(1))),
        yield* reasonOf(objects.remove(nowhere, "x")),
      ];
      expect(reasons).toEqual(["unavailable", "unavailable", "not-provisioned", "not-provisioned"]);
    }),
  );

  holds("removes although others remove the same at the same time", (place) =>
    Effect.gen(function* () {
      const one = yield* opened(place);
      const servers = [one, yield* place.connect, yield* place.connect];
      const where = { asset: "environments", zone: "" } as const;
      yield* one.objects.put(where, place.run, new Uint8Array(BIG));
      yield* Effect.forEach(servers, ({ objects }) => objects.remove(where, place.run), {
        concurrency: "unbounded",
      });
      expect(yield* one.objects.get(where, place.run)).toBeUndefined();
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
