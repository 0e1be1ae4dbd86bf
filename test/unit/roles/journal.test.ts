/** Journals over the memory server: what is written is folded, numbered and chained. */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { describe, expect, it } from "vitest";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { chainFault } from "../../../src/domain/log/chain.ts";
import { evolve } from "../../../src/domain/zone/evolve.ts";
import { newZone, type ZoneState } from "../../../src/domain/zone/state.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Journal } from "../../../src/roles/journal.ts";
import { reasonOf } from "../../support/messages.ts";
import { joined, started } from "../zone/fixture.ts";

const where = { asset: "zoneEvents", zone: "fra" } as const;
const meta = (epoch: number) => ({ epoch, time: 5, causation: "cause" });

function journals() {
  const hub = new MemoryHub();
  hub.provision("zone", "fra");
  const server = memoryServer(hub);
  const open = () =>
    new Journal<ZoneState, ZoneEvent>({
      server,
      where,
      family: "zone event",
      name: "zone-fra",
      subjects: subjects.zoneLog("fra"),
      subjectOf: (type) => subjects.zoneEvent("fra", type),
      initial: newZone,
      evolve,
      actor: "fra",
    });
  return { server, open };
}

describe("journal", () => {
  it("folds what it appends, and what it loads is the same", async () => {
    const { open } = journals();
    const [writer, reader] = [open(), open()];
    const recorded = await Effect.runPromise(
      Effect.gen(function* () {
        const first = yield* writer.append(started, meta(3));
        const second = yield* writer.append(joined("a1"), meta(4));
        return { written: [first, second], read: yield* reader.load() };
      }),
    );
    expect(recorded.read).toEqual(recorded.written);
    expect(recorded.written.map(({ id, sequence }) => [id, sequence])).toEqual([
      ["zone-fra.0.3", 1],
      ["zone-fra.1.4", 2],
    ]);
    expect(reader.state).toEqual(writer.state);
    expect([writer.length, reader.length]).toEqual([2, 2]);
  });

  it("loads only what is new when it is asked again", async () => {
    const { open } = journals();
    const [writer, reader] = [open(), open()];
    const loads = await Effect.runPromise(
      Effect.gen(function* () {
        yield* writer.append(started, meta(1));
        const first = yield* reader.load();
        yield* writer.append(joined("a1"), meta(1));
        return [first, yield* reader.load(), yield* reader.load()];
      }),
    );
    expect(loads.map((load) => load.map(({ event }) => event.type))).toEqual([
      ["ZoneStarted"],
      ["AgentJoined"],
      [],
    ]);
    expect(reader.state).toEqual(writer.state);
  });

  it("writes nothing and stays as it is when somebody else wrote first", async () => {
    const { open, server } = journals();
    const [one, other] = [open(), open()];
    const { reason, log } = await Effect.runPromise(
      Effect.gen(function* () {
        yield* one.append(started, meta(1));
        const reason = yield* reasonOf(other.append(joined("a1"), meta(1)));
        return { reason, log: yield* server.log.read(where, [subjects.zoneLog("fra")]) };
      }),
    );
    expect([reason, log.length, other.length, other.state]).toEqual(["conflict", 1, 0, newZone]);
  });

  it("refuses a writer of an earlier epoch than the log has seen, though it knows the last event", async () => {
    const { open, server } = journals();
    const [later, earlier] = [open(), open()];
    const { reason, log } = await Effect.runPromise(
      Effect.gen(function* () {
        yield* later.append(started, meta(7));
        yield* earlier.load();
        const reason = yield* reasonOf(earlier.append(joined("a1"), meta(6)));
        return { reason, log: yield* server.log.read(where, [subjects.zoneLog("fra")]) };
      }),
    );
    expect([reason, log.length]).toEqual(["conflict", 1]);
  });

  it("chains each event to the one before it", async () => {
    const { open, server } = journals();
    const writer = open();
    const log = await Effect.runPromise(
      Effect.gen(function* () {
        for (const event of [started, joined("a1"), joined("a2")]) yield* writer.append(event, meta(1));
        return yield* server.log.read(where, [subjects.zoneLog("fra")]);
      }),
    );
    const hashes = log.map(({ envelope }) => envelope.hash ?? "");
    expect(log.map(({ envelope }) => envelope.previous)).toEqual(["", ...hashes.slice(0, -1)]);
    for (const [i, { envelope, data }] of log.entries())
      expect(chainFault(envelope, data, hashes[i - 1] ?? "")).toBeUndefined();
  });

  it("stores nothing that it could not read or fold again, and goes on", async () => {
    const { open, server } = journals();
    const writer = open();
    const finish = { ...joined("a1"), cores: Number.NaN } as ZoneEvent;
    const { end, log } = await Effect.runPromise(
      Effect.gen(function* () {
        yield* writer.append(started, meta(1));
        const end = yield* Effect.exit(writer.append(finish, meta(1)));
        yield* writer.append(joined("a2"), meta(1));
        return { end, log: yield* server.log.read(where, [subjects.zoneLog("fra")]) };
      }),
    );
    expect(Exit.isFailure(end) && Cause.hasDies(end.cause)).toBe(true);
    expect(log.map(({ envelope }) => envelope.type)).toEqual(["ZoneStarted", "AgentJoined"]);
    expect(Object.keys(writer.state.agents)).toEqual(["a2"]);
    const reader = open();
    await Effect.runPromise(reader.load());
    expect(reader.state).toEqual(writer.state);
  });
});
