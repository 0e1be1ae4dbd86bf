/** Time in the memory server is Effect's clock and nothing else: a test turns it, and everything is exact. */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Server } from "../../../src/ports/server.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { note, reasonOf, textOf } from "../../support/messages.ts";

const DAY_MS = 86_400_000;

/** A program on a hub that holds all of zone `z`, on a clock that only the program turns. */
const onHub = (program: (server: Server, hub: MemoryHub) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  const server = memoryServer(hub);
  for (const scope of ["hub", "link", "zone"] as const) hub.provision(scope, scope === "hub" ? "" : "z");
  return program(server, hub).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

describe("memory server", () => {
  it("gives an unacknowledged message again after exactly ten seconds", () =>
    onHub(({ admin, inbox, log }) =>
      Effect.gen(function* () {
        yield* admin.durable("agent", "z", "a1");
        const seen: string[] = [];
        const take = inbox.take("agent", "z", "a1", (delivery) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Effect.sync(() => void seen.push(`${textOf(delivery)} at ${now}`)),
          ),
        );
        const taking = yield* Effect.forkChild(take);
        yield* log.append(subjects.agentCommand("z", "a1", "r", "Do"), note("x"));
        yield* TestClock.adjust("9999 millis");
        expect(seen).toEqual(["x at 0"]);
        yield* TestClock.adjust("1 millis");
        expect(seen).toEqual(["x at 0", "x at 10000"]);
        yield* Fiber.interrupt(taking);
      }),
    ));

  it("forgets what its asset does not keep for longer", () =>
    onHub(({ admin, log, live }) =>
      Effect.gen(function* () {
        const [beat, report] = [subjects.agentBeat("z", "a1"), subjects.agentReport("z", "a1", "Hello")];
        yield* live.tell(beat, note("alive", ""));
        yield* log.append(report, note("hello"));
        yield* log.append(subjects.zoneEvent("z", "A"), note("fact"));
        const held = (asset: "zoneLive" | "agentReports" | "zoneEvents", pattern: string) =>
          admin.subjects({ asset, zone: "z" }, pattern).pipe(Effect.map(({ length }) => length));
        const all = Effect.all([
          held("zoneLive", patterns.agentBeats("z")),
          held("agentReports", patterns.agentReports("z")),
          held("zoneEvents", patterns.zoneEvents("z")),
        ]);
        expect(yield* all).toEqual([1, 1, 1]);
        yield* TestClock.adjust("10 seconds");
        expect(yield* all).toEqual([0, 1, 1]);
        yield* TestClock.adjust(7 * DAY_MS);
        expect(yield* all).toEqual([0, 0, 1]);
      }),
    ));

  it("takes a repetition for one within two minutes, and for a new message later", () =>
    onHub(({ log }) =>
      Effect.gen(function* () {
        const subject = subjects.zoneEvent("z", "A");
        yield* log.append(subject, note("x"));
        yield* TestClock.adjust("119 seconds");
        expect(yield* log.append(subject, note("x"))).toBe(1);
        yield* TestClock.adjust("1 seconds");
        expect(yield* log.append(subject, note("x"))).toBe(2);
      }),
    ));

  it("lets a lease go three seconds after its last renewal", () =>
    onHub(({ lease }, hub) =>
      Effect.gen(function* () {
        yield* lease.acquire("root", "one");
        const keeping = yield* Effect.forkChild(lease.keep("root", "one"));
        const other = yield* Effect.forkChild(memoryServer(hub).lease.acquire("root", "other"));
        yield* TestClock.adjust("1 hours");
        expect(yield* lease.holder("root")).toBe("one");
        yield* Fiber.interrupt(keeping);
        yield* TestClock.adjust("2 seconds");
        expect(yield* lease.holder("root")).toBe("one");
        yield* TestClock.adjust("1100 millis");
        expect(yield* Fiber.join(other)).toBeGreaterThan(4500);
        expect(yield* lease.holder("root")).toBe("other");
      }),
    ));

  it("stamps messages with the clock that it shows", () =>
    onHub((server) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_795_305_600_000);
        const clock = yield* server.clock(subjects.zonePulse("z"));
        expect(clock.now()).toBe(1_795_305_600_000_000);
        yield* TestClock.adjust("1500 millis");
        expect(clock.now()).toBe(1_795_305_601_500_000);
        yield* server.log.append(subjects.zoneEvent("z", "A"), note("x"));
        const where = { asset: "zoneEvents", zone: "z" } as const;
        expect((yield* server.log.last(where, patterns.zoneEvents("z")))?.at).toBe(clock.now());
        expect(clock.monotonicNs(clock.now())).toBe(yield* Clock.monotonicTimeNanos);
      }),
    ));

  it("gives up on a stream that nobody creates after ten seconds", () =>
    onHub(({ log }) =>
      Effect.gen(function* () {
        const asked = reasonOf(log.append(subjects.zoneEvent("none", "A"), note("x")));
        const failing = yield* Effect.forkChild(asked);
        yield* TestClock.adjust("9 seconds");
        expect(failing.pollUnsafe()).toBeUndefined();
        yield* TestClock.adjust("1500 millis");
        expect(yield* Fiber.join(failing)).toBe("unavailable");
      }),
    ));
});

describe("memory server that is restarted", () => {
  it("keeps what is in files and begins anew with what was in memory", () =>
    onHub((server, hub) =>
      Effect.gen(function* () {
        const kept = { asset: "down", zone: "z" } as const;
        yield* server.log.append(subjects.zoneCommand("z", "r", "Do"), note("kept"));
        yield* server.live.tell(subjects.rootPulse(), note("gone"));
        hub.restart();
        expect(yield* server.log.read(kept, [patterns.zoneCommands("z")])).toHaveLength(1);
        expect(yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.rootPulse())).toBeUndefined();
        yield* server.live.tell(subjects.rootPulse(), note("anew"));
        const last = yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.rootPulse());
        expect(last?.sequence).toBe(1);
      }),
    ));
});
