/** How a root comes to an end with the zones of a run: which it waits for, for how long, and by what it goes on without them. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { outgoing, outgoingInterval } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import {
  assigned,
  attempted,
  person,
  plan,
  planned,
  ready,
  shareFinished,
  stopping,
  type Zone,
  zoneFinished,
} from "../run/fixture.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });
const ZONES: readonly Zone[] = ["fra", "iad"];
const started: RunEvent = { type: "RunStarted", startAt: 1 };

/** What has happened when a root takes over. */
interface Before {
  readonly log: readonly RunEvent[];
  readonly seconds?: number;
  readonly said?: (server: Server) => Effect.Effect<unknown, Error>;
}

interface Leading {
  readonly server: Server;
  /** What root has written since then. */
  readonly events: () => Effect.Effect<readonly RunEvent[], Error>;
  /** Lets time pass by every clock. */
  readonly pass: (seconds: number) => Effect.Effect<void>;
}

const pass = Effect.fnUntraced(function* (seconds: number) {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    vi.advanceTimersByTime(100);
    yield* TestClock.adjust("100 millis");
  }
});

const leads = (
  { log, said = () => Effect.void, seconds = 0 }: Before,
  program: (leading: Leading) => Effect.Effect<void, Error>,
) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const zone of ZONES) hub.provision("link", zone);
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    for (const [n, event] of log.entries())
      yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(`r.${n}.1`), event));
    yield* said(server);
    yield* pass(seconds);
    const leading = root({ name: "root-b", note: () => {} }).pipe(Effect.provideService(Own, server));
    const fiber = yield* Effect.forkChild(leading);
    const events = () =>
      server.log
        .read({ asset: "runEvents", zone: "" }, [subjects.runLog("r")], log.length + 1)
        .pipe(
          Effect.map((all) => all.map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as RunEvent)),
        );
    yield* program({ server, events, pass });
    yield* Fiber.interrupt(fiber);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

/** The next intervals of a zone, none of which says that it is the last one. */
const intervalsOf = (zone: Zone) => {
  const recorder = new Recorder(`${zone}.1`, {});
  let next = 0;
  const send = (server: Server) => {
    const window = next++;
    const frame = recorder.close(window, { final: false, health: [] });
    const message = outgoingInterval(header(`${zone}.i.${window}`), frame);
    return server.log.append(subjects.zoneUpInterval(zone, "r"), message);
  };
  return (server: Server, count = 1) =>
    Effect.suspend(() => send(server)).pipe(Effect.repeat({ times: count - 1 }));
};

const tell = (server: Server, zone: Zone, fact: ZoneEvent) =>
  server.log.append(
    subjects.zoneUpEvent(zone, fact.type),
    outgoing(header(`zone-${zone}.${fact.type}`), fact),
  );

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

describe("run whose zones have said all they have to say, and were switched off", () => {
  const patient = { ...plan, onSilence: { do: "finish" as const } };
  const said = (server: Server) =>
    Effect.forEach(
      ZONES,
      (zone) =>
        Effect.andThen(
          intervalsOf(zone)(server),
          tell(server, zone, { ...shareFinished(zone), intervals: 1 } as ZoneEvent),
        ),
      { discard: true },
    );

  it.each([5, 60])("ends as any other under a root that takes over %d s after its start", (seconds) =>
    leads({ log: [planned(patient), assigned, ...ready, started], seconds, said }, ({ events }) =>
      Effect.gen(function* () {
        yield* pass(3);
        const types = (yield* events()).map(({ type }) => type);
        expect(types.toSorted()).toEqual([
          "LeaderChanged",
          "RunDraining",
          "SummaryRecorded",
          "VerdictGiven",
          "ZoneFinished",
          "ZoneFinished",
        ]);
        expect((yield* events()).at(-1)).toMatchObject({ type: "VerdictGiven", exitCode: 0 });
      }),
    ),
  );
});

describe("zone that does not come to an end", () => {
  const word = {
    session: "s",
    incarnation: 1,
    protocol: PROTOCOL,
    program: "mesh",
    host: "h",
    pid: 1,
    runs: ["r"],
    agents: [],
  };
  const { session: _, ...lab } = { ...word, zone: "lab", parent: "fra", silentMs: 0 };
  const cellar = { ...lab, zone: "cellar", parent: "lab" };
  const beat = (server: Server, node: Zone, below: readonly object[]) =>
    server.live.tell(
      subjects.zoneBeat(node),
      outgoing(header(""), Object.assign({ type: "Beat", node, below }, word)),
    );

  it("is given up the later the more levels of zones are below it, also when they are heard no more", () =>
    leads({ log: [planned(), assigned, stopping(person)] }, ({ events, server }) =>
      Effect.gen(function* () {
        const lostAfter = new Map<string, number>();
        for (let second = 1; second <= 50; second += 1) {
          yield* beat(server, "iad", []);
          yield* beat(server, "fra", second < 5 ? [lab, cellar] : []);
          yield* pass(1);
          for (const event of yield* events())
            if (event.type === "ZoneLost" && !lostAfter.has(event.zone)) lostAfter.set(event.zone, second);
        }
        // `gracefulStop` is 1 s.
        expect(Object.fromEntries(lostAfter)).toEqual({ iad: 17, fra: 47 });
      }),
    ));
});

describe("zone whose load is over", () => {
  it("is waited for in no window any more, although no interval said that it was the last", () => {
    const finished = { ...zoneFinished("fra"), intervals: 1 } as RunEvent;
    const tolerant = { ...plan, onAgentLoss: { do: "tolerate" as const, percent: 100 } };
    const log = [planned(tolerant), assigned, ...ready, started, finished];
    const send = intervalsOf("iad");
    const said = (server: Server) => Effect.andThen(intervalsOf("fra")(server), send(server, 2));
    return leads({ log, seconds: 2.5, said }, ({ server }) =>
      Effect.gen(function* () {
        yield* pass(0.5);
        yield* send(server); // its third second is over just now
        yield* pass(0.2);
        const own = yield* server.log.read({ asset: "runIntervals", zone: "" }, [subjects.runInterval("r")]);
        expect(own).toHaveLength(3);
      }),
    );
  });
});

describe("teardown of which an interval never came", () => {
  it("makes the run invalid at once: its zone says no more of it, so there is nothing to wait for", () => {
    const finished = ZONES.map((zone) => ({ ...zoneFinished(zone), intervals: 1 }) as RunEvent);
    const stage = "teardown" as const;
    const aside = { intervals: 1, reason: "they did not arrive within 10 s", missing: 1 };
    const log: readonly RunEvent[] = [
      planned({ ...plan, hasTeardown: true }),
      assigned,
      ...ready,
      started,
      { type: "RunDraining" },
      ...finished,
      attempted(stage),
      { type: "StageEnded", stage, result: "succeeded", intervals: 1, aside },
    ];
    const said = (server: Server) =>
      Effect.forEach(ZONES, (zone) => intervalsOf(zone)(server), { discard: true });
    return leads({ log, seconds: 12, said }, ({ events }) =>
      Effect.gen(function* () {
        yield* pass(2);
        const [, ...rest] = yield* events();
        expect(rest).toMatchObject([{ type: "SummaryRecorded" }, { type: "VerdictGiven", exitCode: 97 }]);
      }),
    );
  });
});
