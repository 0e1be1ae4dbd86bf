/**
 * The contract of the server port (`src/ports/server.ts`), held by both of its implementations. What a role may rely
 * on stands here; what is not here, neither of them promises.
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjects } from "../../streams/subjects.ts";
import type { Delivery, Stored } from "../../src/ports/server.ts";
import { gather, note, reasonOf, textOf } from "./messages.ts";
import { memoryWorld, natsWorld, type Place } from "./server-worlds.ts";

const opened = Effect.fnUntraced(function* ({ connect, zone }: Place) {
  const server = yield* connect;
  yield* server.admin.provision("hub", "");
  yield* server.admin.provision("link", zone);
  yield* server.admin.provision("zone", zone);
  return server;
});

describe.each([memoryWorld(), natsWorld()])("server in $name", (world) => {
  beforeAll(world.open, 240_000);
  afterAll(world.close);

  const holds = (what: string, program: (place: Place) => Effect.Effect<void, Error, import("effect/Scope").Scope>) =>
    it.concurrent(what, () => world.run(program));

  describe("log", () => {
    holds("appends one after the other", (place) =>
      Effect.gen(function* () {
        const { log } = yield* opened(place);
        const where = { asset: "zoneEvents", zone: place.zone } as const;
        const first = yield* log.append(subjects.zoneEvent(place.zone, "A"), note("one"));
        const second = yield* log.append(subjects.zoneEvent(place.zone, "B"), note("two"));
        expect([first, second]).toEqual([1, 2]);
        const last = yield* log.last(where, subjects.zoneLog(place.zone));
        expect(last).toMatchObject({ sequence: 2, subject: subjects.zoneEvent(place.zone, "B"), ...note("two") });
      }),
    );
  });
});
