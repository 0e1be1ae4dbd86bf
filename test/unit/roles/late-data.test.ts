/** A root that leads a run whose verdict came before everything was in: what it takes, when it revises, when it closes. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { outgoing, outgoingInterval } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import {
  assigned,
  finishOf,
  given,
  lossOf,
  origin,
  planned,
  ready,
  shareFinished,
  stopping,
  zoneFinished,
  zoneReady,
} from "../run/fixture.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });
const UNTIL_MS = 20_000;

/** Zone iad was given up with all of its intervals; fra had none. */
const life: readonly RunEvent[] = [
  planned(),
  assigned,
  ...ready,
  { type: "RunStarted", startAt: 1 },
  { type: "ZoneLost", zone: "iad", reason: "not heard for 300 s" },
  stopping({ kind: "agents-lost", message: "not heard for 300 s", by: "zone iad" }),
  { ...zoneFinished("fra"), intervals: 0 } as RunEvent,
];

/** Zone iad gave up zone lab below it, with its agent l1, and has finished without it. */
const inner = { agent: "l1", incarnation: 0, workers: 2, host: "h", zone: "lab" };
const below: readonly RunEvent[] = [
  planned(),
  assigned,
  zoneReady("fra"),
  Object.assign(zoneReady("iad"), { members: [inner] }),
  { type: "RunReady" },
  { type: "RunStarted", startAt: 1 },
  { type: "AgentLost", zone: "lab", via: "iad", loss: { ...lossOf("l1"), zone: "lab" }, origin: origin(1) },
  stopping({ kind: "agents-lost", message: "lost agent l1 of zone lab", by: "" }),
  { ...zoneFinished("fra"), intervals: 0 } as RunEvent,
  { ...zoneFinished("iad"), agents: [], intervals: 0, awaits: ["lab"] } as RunEvent,
];

const summary = (before: readonly RunEvent[]): RunEvent => {
  const { state } = given(...before);
  const { document, sha256 } = summarise("r", state, metricsFor(state));
  return { type: "SummaryRecorded", intervals: 0, sha256, summary: document };
};

const end: readonly RunEvent[] = [
  { type: "LateDataAwaited", until: UNTIL_MS * 1000, zones: ["iad"] },
  { type: "VerdictGiven", revision: 0, outcome: "errored", exitCode: 112, message: "zone iad was lost" },
];

const iad = () => {
  const recorder = new Recorder("iad.1", {});
  return (window: number) => {
    recorder.add(recorder.series(builtin("http_reqs"), {}), 1);
    return recorder.close(window, { final: false, health: [] });
  };
};

const beat = {
  type: "Beat",
  node: "iad",
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh",
  host: "h",
  pid: 1,
  runs: ["r"],
  agents: [],
};

/** What a root makes of late data of zone iad, which `arrive` sends. */
const afterwards = (arrive: (server: Server) => Effect.Effect<void, Error>, before = life) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const zone of ["fra", "iad"]) hub.provision("link", zone);
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    const events = [...before, summary(before), ...end];
    for (const [n, event] of events.entries())
      yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(`r.${n}.1`), event));
    yield* server.live.tell(subjects.zoneBeat("iad"), outgoing(header(""), beat));
    const leading = root({ name: "root-b", note: () => {} }).pipe(Effect.provideService(Own, server));
    const fiber = yield* Effect.forkChild(leading);
    yield* arrive(server);
    yield* Fiber.interrupt(fiber);
    const log = yield* server.log.read({ asset: "runEvents", zone: "" }, [subjects.runLog("r")]);
    return log
      .slice(events.length)
      .map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const send = (server: Server, frame: Uint8Array, id: string) =>
  server.log.append(subjects.zoneUpInterval("iad", "r"), outgoingInterval(header(id), frame));

const tell = (server: Server, fact: ZoneEvent) =>
  server.log.append(subjects.zoneUpEvent("iad", fact.type), outgoing(header(fact.type), fact));

describe("late data at root", () => {
  it("revise the report once they have all come, and close the run", async () => {
    const events = await afterwards((server) =>
      Effect.gen(function* () {
        const next = iad();
        yield* TestClock.adjust("3 seconds");
        yield* send(server, next(0), "i.0");
        yield* send(server, next(1), "i.1");
        yield* tell(server, { ...shareFinished("iad"), intervals: 2 } as ZoneEvent);
        yield* TestClock.adjust("3 seconds");
      }),
    );
    expect(events).toMatchObject([
      { type: "ZoneFinished", zone: "iad" },
      { type: "ReportRevised", revision: 1, intervals: 2, exitCode: 112 },
      { type: "RunClosed", reason: "everything is in" },
    ]);
  });

  it("that come a moment before the wait is over are in the last report, too", async () => {
    const events = await afterwards((server) =>
      Effect.gen(function* () {
        const next = iad();
        yield* TestClock.adjust(UNTIL_MS - 500);
        yield* send(server, next(0), "i.0");
        yield* TestClock.adjust("1 second");
      }),
    );
    expect(events.filter(({ type }) => type !== "LeaderChanged")).toMatchObject([
      { type: "ReportRevised", revision: 1, intervals: 1 },
      { type: "RunClosed" },
    ]);
  });

  it("of a zone below that came back are in a report although all of its intervals were in one before", async () => {
    const events = await afterwards(
      (server) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("3 seconds");
          yield* send(server, iad()(0), "i.0");
          yield* TestClock.adjust("3 seconds");
          const agents = [{ ...finishOf("l1"), zone: "lab" }];
          yield* tell(server, { ...shareFinished("iad"), agents, intervals: 1 } as ZoneEvent);
          yield* TestClock.adjust("3 seconds");
        }),
      below,
    );
    expect(events.filter(({ type }) => type !== "LeaderChanged")).toMatchObject([
      {
        type: "ReportRevised",
        revision: 1,
        intervals: 1,
        summary: { completeness: { agents: { lost: ["l1"] } } },
      },
      { type: "ZoneFinished", zone: "iad", agents: [{ agent: "l1" }] },
      {
        type: "ReportRevised",
        revision: 2,
        intervals: 1,
        summary: { completeness: { agents: { lost: [] } } },
      },
      { type: "RunClosed", reason: "everything is in" },
    ]);
  });

  it("are what a zone says of an agent that it lost, too", async () => {
    const events = await afterwards((server) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("3 seconds");
        yield* tell(server, { type: "AgentLost", run: "r", loss: lossOf("i1", "not heard for 2.3 s") });
        yield* TestClock.adjust("3 seconds");
      }),
    );
    expect(events.filter(({ type }) => type !== "LeaderChanged")).toMatchObject([
      { type: "AgentLost", zone: "iad" },
      { type: "ReportRevised", revision: 1, summary: { completeness: { gaps: [{ agent: "i1" }] } } },
    ]);
  });
});
