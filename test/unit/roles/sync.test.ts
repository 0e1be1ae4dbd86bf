/** Barriers and once-values, over the memory server, on a clock that the test turns. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import {
  arrivals,
  arrive,
  awaitRelease,
  getOnce,
  release,
  setOnce,
  type SyncScope,
} from "../../../src/roles/sync.ts";

const inZone = (program: (scope: SyncScope, other: SyncScope) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("zone", "z");
  const scope = (actor: string) => ({ server: memoryServer(hub), zone: "z", run: "r", actor });
  return program(scope("zone"), scope("a1")).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

describe("barrier", () => {
  it("counts each participant once, the past ones too, and tells runs apart", () =>
    inZone((zone, agent) =>
      Effect.gen(function* () {
        yield* arrive(agent, "ready", "a1", 0);
        yield* arrive(agent, "ready", "a1", 0);
        const seen: string[] = [];
        const hear = (...words: readonly unknown[]) => Effect.sync(() => void seen.push(words.join(" ")));
        const note = (line: string) => expect.unreachable(line);
        const counting = yield* Effect.forkChild(arrivals(zone.server, "z", hear, note));
        yield* arrive(agent, "ready", "a2", 0);
        yield* arrive({ ...agent, run: "second" }, "ready", "a2", 0);
        yield* release(zone, "ready", 1);
        yield* setOnce(zone, "value", 1);
        yield* TestClock.adjust("1 millis");
        yield* arrive(agent, "ready", "a1", 5); // another life of a1
        yield* TestClock.adjust("1 millis");
        expect(seen).toEqual(["r ready a1 0", "r ready a2 0", "second ready a2 0"]);
        yield* Fiber.interrupt(counting);
      }),
    ));

  it("opens at once for those who wait, and for those who come late", () =>
    inZone((zone, agent) =>
      Effect.gen(function* () {
        const waiting = yield* Effect.forkChild(awaitRelease(agent, "ready"));
        yield* TestClock.adjust("10 millis");
        expect(waiting.pollUnsafe()).toBeUndefined();
        yield* release(zone, "ready", { startAt: 5 });
        expect(yield* Fiber.join(waiting)).toEqual({ startAt: 5 });
        expect(yield* awaitRelease(agent, "ready")).toEqual({ startAt: 5 });
      }),
    ));

  it("stays open with what was handed out first", () =>
    inZone((zone, agent) =>
      Effect.gen(function* () {
        yield* release(zone, "ready", 1);
        yield* TestClock.adjust("5 minutes"); // past the window of the duplicate check
        yield* release(zone, "ready", 2);
        expect(yield* awaitRelease(agent, "ready")).toBe(1);
      }),
    ));

  it("is found by a waiter who did not hear it open", () =>
    inZone((zone, agent) =>
      Effect.gen(function* () {
        const deaf = { ...agent.server.live, hear: () => Effect.never };
        const waiting = yield* Effect.forkChild(
          awaitRelease({ ...agent, server: { ...agent.server, live: deaf } }, "ready"),
        );
        yield* TestClock.adjust("10 millis");
        yield* release(zone, "ready", 1);
        yield* TestClock.adjust("500 millis");
        expect(yield* Fiber.join(waiting)).toBe(1);
      }),
    ));
});

describe("once-value", () => {
  it("is nothing before it is set, and then what was set first", () =>
    inZone((zone, agent) =>
      Effect.gen(function* () {
        expect(yield* getOnce(agent, "token")).toBeUndefined();
        yield* setOnce(zone, "token", { a: 1 });
        yield* setOnce(agent, "token", { a: 2 });
        expect(yield* getOnce(agent, "token")).toEqual({ a: 1 });
        yield* zone.server.admin.purge({ asset: "sync", zone: "z" }, subjects.syncRun("z", "r"));
        expect(yield* getOnce(agent, "token")).toBeUndefined();
      }),
    ));
});
