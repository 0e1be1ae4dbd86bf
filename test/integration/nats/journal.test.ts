/** Journals on a real server: one writer at a time, and a chain of hashes that says where a log was touched. */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectPlain } from "@nats-io/transport-node";
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { assets } from "../../../streams/assets.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { chainFault } from "../../../src/domain/log/chain.ts";
import { evolve } from "../../../src/domain/zone/evolve.ts";
import { newZone, type ZoneState } from "../../../src/domain/zone/state.ts";
import type { Server, Stored } from "../../../src/ports/server.ts";
import { Journal } from "../../../src/roles/journal.ts";
import { reasonOf } from "../../support/messages.ts";
import { startNats } from "../../support/nats.ts";
import { connect, crash, provisioned, run } from "./on-server.ts";

const where = { asset: "zoneEvents", zone: "z" } as const;

const journalAt = (server: Server) =>
  new Journal<ZoneState, ZoneEvent>({
    server,
    where,
    family: "zone event",
    name: "zone-z",
    subjects: subjects.zoneLog("z"),
    subjectOf: (type) => subjects.zoneEvent("z", type),
    initial: newZone,
    evolve,
    actor: "z",
  });

const meta = { epoch: 1, time: 1_795_305_600_000_000, causation: "" };
const started = (incarnation: number): ZoneEvent => ({
  type: "ZoneStarted",
  zone: "z",
  incarnation,
  protocol: 1,
  program: "test",
});
const joined = (agent: string): ZoneEvent => ({
  type: "AgentJoined",
  agent,
  session: `s-${agent}`,
  incarnation: 0,
  cores: 2,
  host: "h",
  labels: {},
});

/** Every fault of a log, with its sequence. */
function faultsOf(log: readonly Stored[]): readonly string[] {
  let previous = "";
  return log.flatMap(({ sequence, envelope, data }) => {
    const fault = chainFault(envelope, data, previous);
    previous = envelope.hash ?? "";
    return fault === undefined ? [] : [`${sequence}: ${fault}`];
  });
}

describe("journal", () => {
  it("lets one of two writers append, also when both name their event alike", async () => {
    await using nats = await startNats();
    await run(
      Effect.gen(function* () {
        const [one, other] = [journalAt(yield* provisioned(nats)), journalAt(yield* connect(nats))];
        yield* one.append(started(1), meta);
        yield* Effect.all([one.load(), other.load()]);
        expect([one.length, other.length]).toEqual([1, 1]);
        yield* one.append(joined("a1"), meta);
        expect(yield* reasonOf(other.append(joined("a2"), meta))).toBe("conflict");
        expect(Object.keys(other.state.agents)).toEqual([]);
        yield* other.load();
        expect(other.state).toEqual(one.state);
        const { sequence, id } = yield* other.append(joined("a2"), meta);
        expect([sequence, id]).toEqual([3, "zone-z.2.1"]);
        expect(yield* reasonOf(one.append(joined("a3"), meta))).toBe("conflict");
      }),
    );
  });

  it("lets exactly one of two that start at once take over", async () => {
    await using nats = await startNats();
    await run(
      Effect.gen(function* () {
        const writers = [journalAt(yield* provisioned(nats)), journalAt(yield* connect(nats))];
        for (let round = 1; round <= 20; round++) {
          yield* Effect.forEach(writers, (writer) => writer.load());
          const ends = yield* Effect.forEach(
            writers,
            (writer, i) =>
              writer.append(started(round), { ...meta, time: meta.time + i }).pipe(Effect.result),
            { concurrency: 2 },
          );
          expect(ends.map(({ _tag }) => _tag).toSorted()).toEqual(["Failure", "Success"]);
        }
      }),
    );
  });

  it("chains its events over a crash of the server; what is edited or missing is found", async () => {
    await using nats = await startNats();
    const log = await run(
      Effect.gen(function* () {
        const server = yield* provisioned(nats);
        const journal = journalAt(server);
        yield* journal.append(started(1), meta);
        yield* journal.append(joined("a1"), meta);
        yield* crash(nats);
        yield* journal.append(joined("a2"), meta);
        const later = journalAt(yield* connect(nats));
        yield* later.load();
        expect(later.state).toEqual(journal.state);
        yield* later.append(joined("a3"), meta);
        return yield* server.log.read(where, [subjects.zoneLog("z")]);
      }),
    );
    expect(log).toHaveLength(4);
    expect(faultsOf(log)).toEqual([]);
    const edited = log.with(1, { ...(log[1] as Stored), data: new TextEncoder().encode("{}") });
    expect(faultsOf(edited)).toEqual(["2: AgentJoined was edited: its hash does not match its contents"]);
    expect(faultsOf(log.toSpliced(2, 1))).toEqual([expect.stringMatching(/^4: .*missing or was moved/)]);
  });

  it("shows a message that was deleted from the server", async () => {
    await using nats = await startNats();
    const log = await run(
      Effect.gen(function* () {
        const server = yield* provisioned(nats);
        const journal = journalAt(server);
        for (const event of [started(1), joined("a1"), joined("a2")]) yield* journal.append(event, meta);
        yield* Effect.promise(() => deleteMessage(nats.url, 2));
        return yield* server.log.read(where, [subjects.zoneLog("z")]);
      }),
    );
    expect(faultsOf(log)).toEqual([expect.stringMatching(/^3: an event before AgentJoined is missing/)]);
  });
});

async function deleteMessage(url: string, sequence: number): Promise<void> {
  const connection = await connectPlain({ servers: url });
  const jsm = await jetstreamManager(connection);
  await jsm.streams.deleteMessage(assets.zoneEvents.name("z"), sequence);
  await connection.close();
}
