/** A zone over the memory server: what it obeys, and how it comes to an end with the zones below it. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { decodeHead } from "../../../src/domain/interval/codec.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { decodeBody } from "../../../src/domain/log/codec.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, Upper } from "../../../src/ports/server.ts";
import { outgoing, outgoingInterval } from "../../../src/roles/outgoing.ts";
import { zone } from "../../../src/roles/zone/zone.ts";
import { finishOf } from "../run/fixture.ts";
import { planOf } from "../plan/request.ts";
import { person, share, started } from "../zone/fixture.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });

/** Iterations end with the load, and a zone that is not heard is not given up for that. */
const plan = planOf({
  scenarios: { s: { executor: "constant-vus", vus: 30, duration: "10s", gracefulStop: "0s" } },
  onSilence: "finish",
});

/** Zone fra, on whose server root is as well; its agents are all in zone lab below it. */
interface Fra {
  readonly server: Server;
  readonly notes: readonly string[];
  /** What zone fra has written since it was started. */
  readonly events: () => Effect.Effect<readonly ZoneEvent[], Error>;
  /** Lets time pass by every clock. */
  readonly pass: (seconds: number) => Effect.Effect<void>;
}

/** Zone fra takes over, with these events in its log, after `before` has been done. */
const takesOver = (
  log: readonly ZoneEvent[],
  program: (fra: Fra) => Effect.Effect<void, Error>,
  before: (server: Server) => Effect.Effect<unknown, Error> = () => Effect.void,
) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const scope of ["zone", "link"] as const) hub.provision(scope, "fra");
  hub.provision("link", "lab");
  const server = memoryServer(hub);
  const where = { asset: "zoneEvents", zone: "fra" } as const;
  return Effect.gen(function* () {
    for (const [n, event] of log.entries())
      yield* server.log.append(
        subjects.zoneEvent("fra", event.type),
        outgoing(header(`zone-fra.${n}`), event),
      );
    yield* server.admin.durable("zone", "fra", "");
    yield* before(server);
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    const options = { zone: "fra", session: "s", program: "mesh", host: "h", pid: 1, note };
    const fiber = yield* Effect.forkChild(
      zone(options).pipe(Effect.provideService(Own, server), Effect.provideService(Upper, server)),
    );
    const events = () =>
      server.log
        .read(where, [subjects.zoneLog("fra")], log.length + 1)
        .pipe(
          Effect.map((all) => all.map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as ZoneEvent)),
        );
    const pass = Effect.fnUntraced(function* (seconds: number) {
      for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
        vi.advanceTimersByTime(100);
        yield* TestClock.adjust("100 millis");
      }
    });
    yield* pass(0.5);
    yield* program({ server, notes, events, pass });
    expect(fiber.pollUnsafe()).toBeUndefined();
    yield* Fiber.interrupt(fiber);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const typesOf = (events: readonly ZoneEvent[]) => events.map(({ type }) => type);

const inner = (agent: string, of: string) => ({ agent, incarnation: 0, workers: 2, host: "h", zone: of });
const origin = { stream: "MESH_UP_lab_EVENTS", sequence: 1, id: "zone-lab.1" };

/** A share that runs in zone lab alone, whose agents are in these zones. */
const running = (...zones: readonly string[]): readonly ZoneEvent[] => {
  const members = zones.map((of, index) => inner(`l${index}`, of));
  return [
    started,
    { type: "ShareAssigned", run: "r", plan, share, agents: 1 },
    { type: "ShareDivided", run: "r", parts: [], zones: [{ zone: "lab", share, agents: 1 }] },
    { type: "ChildReady", run: "r", zone: "lab", incarnation: 4, members, origin },
    { type: "ShareReady", run: "r", incarnation: 1, members },
    { type: "ShareStarted", run: "r", startAt: 100, zoneStartAt: 100 },
  ];
};

const finished: ZoneEvent = {
  type: "ShareFinished",
  run: "r",
  incarnation: 4,
  agents: [finishOf("l0")],
  intervals: 1,
};

/** All that zone lab measured: one interval that does not say that it is the last one. */
const sendInterval = (server: Server) => {
  const frame = new Recorder("fra/lab.4", {}).close(0, { final: false, health: [] });
  return server.log.append(subjects.zoneUpInterval("lab", "r"), outgoingInterval(header("i.0"), frame));
};

const tellFra = (server: Server, fact: ZoneEvent) =>
  server.log.append(subjects.zoneUpEvent("lab", fact.type), outgoing(header(`zone-lab.${fact.type}`), fact));

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

describe("zone that is told something after its time", () => {
  const say = (server: Server, command: NodeCommand & { readonly run: string }) =>
    server.log.append(
      subjects.zoneCommand("fra", command.run, command.type),
      outgoing({ ...header(command.type), expires: 1 }, command),
    );

  it("stops and forgets a run all the same, for its load goes on", () =>
    takesOver(running("lab"), ({ server, events, pass }) =>
      Effect.gen(function* () {
        yield* say(server, { type: "StopRun", run: "r", cause: person });
        yield* pass(0.5);
        yield* say(server, { type: "ForgetRun", run: "r" });
        yield* pass(0.5);
        expect(typesOf(yield* events())).toEqual(["ZoneStarted", "ShareStopping", "ShareForgotten"]);
      }),
    ));

  it("begins nothing any more, and says so", () =>
    takesOver([started], ({ server, notes, events, pass }) =>
      Effect.gen(function* () {
        yield* say(server, { type: "AssignShare", run: "late", plan, share, agents: 1, workers: 0 });
        yield* pass(0.5);
        expect(typesOf(yield* events())).toEqual(["ZoneStarted"]);
        expect(notes).toContain("AssignShare came too late and was not carried out");
      }),
    ));
});

describe("zone below that has said all it has to say", () => {
  const said = (server: Server) => Effect.andThen(sendInterval(server), tellFra(server, finished));

  it("is heard by whoever takes over, although it was switched off", () =>
    takesOver(
      running("lab"),
      ({ events, pass }) =>
        Effect.gen(function* () {
          yield* pass(2);
          expect(typesOf(yield* events())).toEqual(["ZoneStarted", "ChildFinished", "ShareFinished"]);
        }),
      said,
    ));

  /** Numbers of the intervals that zone fra has made; it stores them again while nobody covers them. */
  const intervals = (server: Server) =>
    server.log
      .read({ asset: "zoneIntervals", zone: "fra" }, [subjects.zoneInterval("fra", "r")])
      .pipe(Effect.map((all) => [...new Set(all.map(({ data }) => decodeHead(data).number))]));

  it("is waited for in no window any more, although no interval said that it was the last", () =>
    takesOver(running("lab"), ({ server, pass }) =>
      Effect.gen(function* () {
        yield* said(server);
        yield* pass(6);
        expect(yield* intervals(server)).toEqual([0]);
      }),
    ));

  it("is not waited for by whoever takes over either", () => {
    const agents = [{ ...finishOf("l0"), zone: "lab" }];
    const ended: ZoneEvent = { type: "ChildFinished", run: "r", zone: "lab", agents, intervals: 1, origin };
    return takesOver(
      [...running("lab"), ended],
      ({ server, pass }) =>
        Effect.gen(function* () {
          yield* pass(6);
          expect(yield* intervals(server)).toEqual([0]);
        }),
      sendInterval,
    );
  });
});

describe("zone below that does not come to an end", () => {
  const isGivenUp = (log: readonly ZoneEvent[], afterS: number) =>
    takesOver([...log, { type: "ShareStopping", run: "r", cause: person }], ({ events, pass }) =>
      Effect.gen(function* () {
        yield* pass(afterS - 1.5);
        expect(typesOf(yield* events())).toEqual(["ZoneStarted"]);
        yield* pass(2);
        expect(typesOf(yield* events()).slice(0, 2)).toEqual(["ZoneStarted", "ChildLost"]);
      }),
    );

  it("is given up when it has had time to wait for what its agents measured", () =>
    isGivenUp(running("lab"), 15));

  it("is given up later where there is a zone below it, which it gives up first", () =>
    isGivenUp(running("lab", "cellar"), 30));
});

describe("zone below with a program of its own", () => {
  const MOST = Number.MAX_SAFE_INTEGER;
  const said = {
    incarnation: 1,
    protocol: PROTOCOL,
    program: "mesh",
    host: "h",
    pid: 1,
    runs: [],
    agents: [],
  };

  const beat = (server: Server, child: string, below: readonly object[]) => {
    const body = { type: "Beat", node: child, session: "s", ...said, parent: "fra", below };
    return server.live.tell(subjects.childBeat("fra", child), outgoing(header(""), body));
  };

  it("states numbers beyond any sum, and the zone above states one that is whole", () =>
    takesOver(running("lab"), ({ server, events, pass }) =>
      Effect.gen(function* () {
        const aside = { intervals: MOST, reason: "none", missing: MOST };
        yield* tellFra(server, { ...finished, intervals: MOST, aside });
        yield* pass(12);
        const last = (yield* events()).at(-1);
        expect(last).toMatchObject({ type: "ShareFinished", aside: { intervals: MOST, missing: MOST } });
      }),
    ));

  it("is silent for ever and ever as it says, and root can read what the zone above tells of it", () =>
    takesOver([started], ({ server, pass }) =>
      Effect.gen(function* () {
        yield* beat(server, "lab", [{ ...said, zone: "cellar", parent: "lab", silentMs: MOST }]);
        yield* pass(1.5);
        const heard = yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.zoneBeat("fra"));
        const word = heard && decodeBody("beat", heard.envelope, heard.data);
        expect(word?.type === "Beat" && word.below?.map(({ zone: name }) => name)).toEqual(["lab", "cellar"]);
      }),
    ));

  it("tells of refused accesses without end, and each kind is counted for a minute", () =>
    takesOver([started], ({ server, events, pass }) =>
      Effect.gen(function* () {
        yield* beat(server, "lab", [{ ...said, zone: "cellar", parent: "lab", silentMs: 0 }]);
        yield* pass(0.5);
        const what = { server: "s", principal: "p", operation: "publish", subject: "x", at: 5, count: 1 };
        for (const [n, zone] of ["lab", "lab", "cellar", "shop", "lab"].entries()) {
          const fact: ZoneEvent = { type: "AccessRefused", ...what, zone, detail: "x".repeat(50_000) };
          yield* server.log.append(
            subjects.zoneUpEvent("lab", fact.type),
            outgoing(header(`zone-lab.refused.${n}`), fact),
          );
        }
        const told = () => Effect.map(events(), (all) => all.filter(({ type }) => type === "AccessRefused"));
        yield* pass(0.5);
        // What it says of a zone that is not below it was at its own server.
        const first = [
          { zone: "lab", count: 1, detail: expect.stringMatching(/^x{999}…$/) },
          { zone: "cellar", count: 1 },
        ];
        expect(yield* told()).toMatchObject(first);
        yield* pass(61);
        expect(yield* told()).toMatchObject([...first, { zone: "lab", count: 3 }]);
      }),
    ));
});
