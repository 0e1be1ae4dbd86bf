/** The forwarder between two real servers: once and in order, whatever is killed, the forwarder included. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { describe, expect, it } from "vitest";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import type { Server, Stored } from "../../../src/ports/server.ts";
import { forward, type Lane } from "../../../src/roles/zone/forward.ts";
import { gather, note, textOf } from "../../support/messages.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";
import { connect, crash, provisioned, run } from "./on-server.ts";

const COUNT = 5000;
const upEvents = { asset: "upEvents", zone: "z" } as const;

const laneOf = (own: Server, upper: Server): Lane => ({
  zone: "z",
  own,
  upper,
  from: { asset: "zoneEvents", zone: "z" },
  filter: patterns.zoneEvents("z"),
  asset: "upEvents",
  subjects: patterns.zoneUpEvents("z"),
  subjectOf: (subject) => subjects.zoneUpEvent("z", parseSubject(subject)?.type ?? ""),
});

/** A zone's server with a log of its own, and a parent. */
const open = Effect.fnUntraced(function* (zoneNats: PrivateNats, hubNats: PrivateNats) {
  const [own, upper] = [yield* provisioned(zoneNats), yield* provisioned(hubNats)];
  return { own, upper };
});

/** Facts `from` to `to` of two types, in this order. */
const write = (own: Server, from: number, to: number) =>
  Effect.forEach(
    Array.from({ length: to - from + 1 }, (_, i) => from + i),
    (n) => own.log.append(subjects.zoneEvent("z", n % 3 === 0 ? "A" : "B"), note(`z.${n}`)),
    { discard: true },
  );

/** Waits until the parent has so many copies, and returns them. */
const arrived = (upper: Server, count: number) =>
  gather<Stored>(count, (handle) => upper.log.follow(upEvents, [patterns.zoneUpEvents("z")], 1, handle));

/** Waits until the parent has at least so many copies. */
const until = (upper: Server, count: number) =>
  upper.log.last(upEvents, patterns.zoneUpEvents("z")).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.delay("2 millis"),
    Effect.repeat({ until: (last) => (last?.sequence ?? 0) >= count }),
  );

function expectWhole(copies: readonly Stored[], count: number): void {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  expect(copies.map(textOf)).toEqual(all.map((n) => `z.${n}`));
  expect(copies.map(({ envelope }) => envelope.sequence)).toEqual(all);
  expect(copies.map(({ sequence }) => sequence)).toEqual(all);
  for (const [i, { subject }] of copies.entries())
    expect(subject).toBe(subjects.zoneUpEvent("z", (i + 1) % 3 === 0 ? "A" : "B"));
}

describe("forwarder", () => {
  it("copies 5,000 facts once and in order while the parent's server is killed twice", async () => {
    await using zoneNats = await startNats();
    await using hubNats = await startNats();
    const { copies, stored } = await run(
      Effect.gen(function* () {
        const { own, upper } = yield* open(zoneNats, hubNats);
        yield* Effect.forkScoped(forward(laneOf(own, upper)));
        const writing = yield* Effect.forkChild(write(own, 1, COUNT));
        for (const share of [0.2, 0.6]) {
          yield* until(upper, COUNT * share);
          yield* crash(hubNats);
        }
        yield* Fiber.join(writing);
        const copies = yield* arrived(upper, COUNT);
        return { copies, stored: yield* upper.log.read(upEvents, [patterns.zoneUpEvents("z")]) };
      }),
    );
    expectWhole(copies, COUNT);
    expectWhole(stored, COUNT);
  });

  it("leaves no gap when it is ended in mid-flight and starts again", async () => {
    await using zoneNats = await startNats();
    await using hubNats = await startNats();
    const copies = await run(
      Effect.gen(function* () {
        const { own, upper } = yield* open(zoneNats, hubNats);
        const first = yield* Effect.forkChild(forward(laneOf(own, upper)));
        yield* write(own, 1, 10);
        yield* until(upper, 10);
        // The parent is away: what the forwarder takes now it cannot deliver.
        hubNats.signal("SIGSTOP");
        yield* write(own, 11, 200);
        yield* Fiber.interrupt(first);
        hubNats.signal("SIGCONT");
        const again = yield* connect(zoneNats, "again");
        yield* Effect.forkScoped(forward(laneOf(again, yield* connect(hubNats, "again"))));
        yield* write(own, 201, 300);
        return yield* arrived(upper, 300);
      }),
    );
    expectWhole(copies, 300);
  });

  it("goes on when the zone's own server is killed", async () => {
    await using zoneNats = await startNats();
    await using hubNats = await startNats();
    const copies = await run(
      Effect.gen(function* () {
        const { own, upper } = yield* open(zoneNats, hubNats);
        yield* Effect.forkScoped(forward(laneOf(own, upper)));
        yield* write(own, 1, 500);
        yield* crash(zoneNats);
        yield* write(own, 501, 1000);
        return yield* arrived(upper, 1000);
      }),
    );
    expectWhole(copies, 1000);
  });

  it("has one effect when two of them run", async () => {
    await using zoneNats = await startNats();
    await using hubNats = await startNats();
    const copies = await run(
      Effect.gen(function* () {
        const { own, upper } = yield* open(zoneNats, hubNats);
        yield* Effect.forkScoped(forward(laneOf(own, upper)));
        const other = laneOf(yield* connect(zoneNats, "other"), yield* connect(hubNats, "other"));
        yield* Effect.forkScoped(forward(other));
        yield* write(own, 1, 500);
        return yield* arrived(upper, 500);
      }),
    );
    expectWhole(copies, 500);
  });
});
