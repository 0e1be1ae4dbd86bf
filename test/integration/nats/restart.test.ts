/** A nats-server is killed and started again under everything that reads and writes: nothing is lost or doubled. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { describe, expect, it } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Delivery, Stored } from "../../../src/ports/server.ts";
import { gather, note, textOf } from "../../support/messages.ts";
import { startNats } from "../../support/nats.ts";
import { connect, crash, provisioned, run } from "./on-server.ts";

/** What a restart may cost the clients, on top of the server's own start: see `nats.md` 7. */
const RESUMES_WITHIN_MS = 3000;
const COUNT = 2000;
const events = { asset: "zoneEvents", zone: "z" } as const;
const numbers = Array.from({ length: COUNT }, (_, i) => String(i));

/** Milliseconds from the end of the crash to the first of the times after it. */
const pause = (crashedAt: number, times: readonly number[]): number =>
  Math.min(...times.filter((time) => time > crashedAt)) - crashedAt;

describe("restart of nats-server", () => {
  it("costs a follower nothing: in order, each message once, soon again", async () => {
    await using nats = await startNats();
    const { got, times, crashedAt } = await run(
      Effect.gen(function* () {
        const { log } = yield* provisioned(nats);
        const reader = yield* connect(nats, "reader");
        const subject = subjects.zoneEvent("z", "A");
        const times: number[] = [];
        const following = yield* Effect.forkChild(
          gather<Stored>(COUNT, (handle) =>
            reader.log.follow(events, [subject], 1, (stored) => {
              times.push(performance.now());
              return handle(stored);
            }),
          ),
        );
        const [before, after] = [numbers.slice(0, COUNT / 2), numbers.slice(COUNT / 2)];
        yield* Effect.forEach(before, (text) => log.append(subject, note(text)), { concurrency: 100 });
        yield* crash(nats);
        const crashedAt = performance.now();
        yield* Effect.forEach(after, (text) => log.append(subject, note(text)), { concurrency: 1 });
        return { got: yield* Fiber.join(following), times, crashedAt };
      }),
    );
    expect(got.map(({ sequence }) => sequence)).toEqual(numbers.map((_, i) => i + 1));
    expect(new Set(got.map(textOf))).toEqual(new Set(numbers));
    expect(pause(crashedAt, times)).toBeLessThan(RESUMES_WITHIN_MS);
  });

  it("costs a publisher nothing: every append ends, and is stored once", async () => {
    await using nats = await startNats();
    const { stored, sequences } = await run(
      Effect.gen(function* () {
        const { log } = yield* provisioned(nats);
        const subject = subjects.zoneEvent("z", "A");
        const appending = yield* Effect.forkChild(
          Effect.forEach(numbers, (text) => log.append(subject, note(text)), { concurrency: 50 }),
        );
        yield* log
          .last(events, subject)
          .pipe(
            Effect.delay("2 millis"),
            Effect.repeat({ until: (last) => (last?.sequence ?? 0) > COUNT / 10 }),
          );
        yield* crash(nats);
        const sequences = yield* Fiber.join(appending);
        return { stored: yield* log.read(events, [subject]), sequences };
      }),
    );
    expect(stored).toHaveLength(COUNT);
    expect(new Set(stored.map(textOf))).toEqual(new Set(numbers));
    const found = new Map(stored.map((message) => [textOf(message), message.sequence]));
    expect(sequences).toEqual(numbers.map((text) => found.get(text)));
  });

  it("costs an inbox nothing: what was not acknowledged comes again, the rest goes on soon", async () => {
    await using nats = await startNats();
    const { got, times, crashedAt } = await run(
      Effect.gen(function* () {
        const { log, admin } = yield* provisioned(nats);
        const reader = yield* connect(nats, "reader");
        yield* admin.durable("agent", "z", "a1");
        const subject = subjects.agentCommand("z", "a1", "r", "Do");
        const times: number[] = [];
        const seen = new Set<string>();
        const taking = yield* Effect.forkChild(
          gather<readonly Delivery[]>(1, (handle) => {
            const all: Delivery[] = [];
            return reader.inbox.take("agent", "z", "a1", (delivery) => {
              times.push(performance.now());
              all.push(delivery);
              seen.add(textOf(delivery));
              return delivery.ack.pipe(Effect.andThen(seen.size === COUNT ? handle(all) : Effect.void));
            });
          }),
        );
        const [before, after] = [numbers.slice(0, COUNT / 2), numbers.slice(COUNT / 2)];
        yield* Effect.forEach(before, (text) => log.append(subject, note(text)), { concurrency: 100 });
        yield* crash(nats);
        const crashedAt = performance.now();
        yield* Effect.forEach(after, (text) => log.append(subject, note(text)), { concurrency: 1 });
        const [all] = yield* Fiber.join(taking);
        return { got: all ?? [], times, crashedAt };
      }),
    );
    const first = [...new Set(got.map(({ sequence }) => sequence))];
    expect(first).toHaveLength(COUNT);
    expect(first.toSorted((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
    expect(pause(crashedAt, times)).toBeLessThan(RESUMES_WITHIN_MS);
  });

  it("is heard over by whoever listens to last words", async () => {
    await using nats = await startNats();
    const heard = await run(
      Effect.gen(function* () {
        const { live } = yield* provisioned(nats);
        const listener = yield* connect(nats, "listener");
        const pattern = patterns.agentBeats("z");
        const subject = subjects.agentBeat("z", "a1");
        let said = "before";
        const hearing = yield* Effect.forkChild(
          gather<string>(1, (handle) =>
            listener.live.hear(pattern, (message) =>
              textOf(message) === "after" ? handle("after") : Effect.void,
            ),
          ),
        );
        const talking = Effect.suspend(() => live.tell(subject, note(said, ""))).pipe(
          Effect.andThen(Effect.sleep("20 millis")),
          Effect.forever,
        );
        yield* Effect.forkScoped(talking);
        yield* crash(nats);
        said = "after";
        return yield* Fiber.join(hearing).pipe(Effect.timeout(RESUMES_WITHIN_MS));
      }),
    );
    expect(heard).toEqual(["after"]);
  });

  it("lets whoever waits for a frozen server be interrupted", async () => {
    await using nats = await startNats();
    const tookMs = await run(
      Effect.gen(function* () {
        const { log, inbox } = yield* provisioned(nats);
        nats.signal("SIGSTOP");
        const waiting = yield* Effect.forkChild(
          Effect.all(
            [
              log.follow(events, [patterns.zoneEvents("z")], 1, () => Effect.void),
              inbox.take("agent", "z", "a1", () => Effect.void),
            ],
            { concurrency: 2 },
          ),
        );
        yield* Effect.sleep("4 seconds"); // the first attempts have timed out
        const before = performance.now();
        yield* Fiber.interrupt(waiting);
        const took = performance.now() - before;
        nats.signal("SIGCONT");
        return took;
      }),
    );
    // One attempt takes at most three seconds.
    expect(tookMs).toBeLessThan(4000);
  });

  it("leaves what is kept in memory without its streams for a moment only, also where others listen", async () => {
    await using nats = await startNats();
    const told = await run(
      Effect.gen(function* () {
        const server = yield* provisioned(nats);
        // Whoever listens is answer enough for the server: it does not say that nobody keeps the message.
        const listener = yield* connect(nats, "listener");
        yield* Effect.forkChild(listener.live.hear(subjects.rootPulse(), () => Effect.void));
        yield* server.clock(subjects.rootPulse());
        yield* crash(nats);
        const clock = yield* server.clock(subjects.rootPulse());
        yield* server.live.tell(subjects.zoneBeat("z"), note("alive"));
        yield* server.clock(subjects.zonePulse("z"));
        const word = yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.zoneBeat("z"));
        const below = subjects.zoneThrough("z", "r");
        const ofLink = yield* server.live
          .tell(below, note("covered"))
          .pipe(
            Effect.andThen(server.log.last({ asset: "linkLive", zone: "z" }, below)),
            Effect.delay("20 millis"),
            Effect.repeat({ until: (last) => last !== undefined }),
            Effect.timeout(RESUMES_WITHIN_MS),
          );
        return { words: [word, ofLink].map((each) => each && textOf(each)), errorUs: clock.errorUs };
      }),
    );
    expect(told.words).toEqual(["alive", "covered"]);
    expect(told.errorUs).toBeGreaterThan(0);
  });
});
