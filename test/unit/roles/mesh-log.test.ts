/** The mesh log as root writes it, over the memory server: zones, drains, refused accesses, and who asked for what. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { decodeBody } from "../../../src/domain/log/codec.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { requestNote, requestRemoval, requestRun, requestStop } from "../../../src/roles/door/ask.ts";
import { MESH_EVENTS, requestDrain, requestRevoked } from "../../../src/roles/door/ask-mesh.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { requestOf } from "../plan/request.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });
const ana = "ana@laptop";

/** A hub with the link of zone fra, and doors with and without a principal. */
const onHub = (program: (server: Server, ana: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  hub.provision("link", "fra");
  const principal = "door-ana";
  return program(memoryServer(hub), { ...memoryServer(hub), principal }).pipe(
    Effect.provide(TestClock.layer()),
    Effect.runPromise,
  );
};

const lead = (server: Server) =>
  root({ name: "root-a", note: () => {} }).pipe(
    Effect.provideService(Own, server),
    Effect.forkChild,
    Effect.tap(() => TestClock.adjust("1 seconds")),
  );

const word = { type: "Beat", node: "fra", session: "s", incarnation: 1, protocol: PROTOCOL } as const;

const beat = (server: Server) => {
  const body = { ...word, program: "mesh/1", host: "h", pid: 1, runs: [], agents: [] };
  return server.live
    .tell(subjects.zoneBeat("fra"), outgoing(header(""), body))
    .pipe(Effect.andThen(TestClock.adjust("200 millis")));
};

/** The word of fra, with that of a zone below it. */
const beatWithBelow = (server: Server, silentMs = 0) => {
  const said = {
    incarnation: 1,
    protocol: PROTOCOL,
    program: "mesh/1",
    host: "h",
    pid: 1,
    runs: [],
    agents: [],
  };
  const body = { ...word, ...said, below: [{ zone: "lab", parent: "fra", ...said, silentMs }] };
  return server.live
    .tell(subjects.zoneBeat("fra"), outgoing(header(""), body))
    .pipe(Effect.andThen(TestClock.adjust("200 millis")));
};

const meshEvents = (server: Server) =>
  server.log
    .read(MESH_EVENTS, [subjects.meshLog()])
    .pipe(
      Effect.map((log) =>
        log.map(({ envelope, data }): MeshEvent => decodeBody("mesh event", envelope, data)),
      ),
    );
const typesOf = (server: Server) => Effect.map(meshEvents(server), (log) => log.map(({ type }) => type));

const runEvents = (server: Server, run: string) =>
  server.log
    .read({ asset: "runEvents", zone: "" }, [subjects.runLog(run)])
    .pipe(
      Effect.map((log) => log.map(({ envelope, data }): RunEvent => decodeBody("run event", envelope, data))),
    );

/** Lets a door ask, and time pass until it has its answer. */
const answered = <A, E>(asking: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(asking);
    yield* TestClock.adjust("2 seconds");
    return yield* Fiber.join(fiber);
  });

const askRun = (server: Server, run: string, zone: string) =>
  answered(
    requestRun(server, {
      run,
      request: requestOf({}, { zones: [{ zone, weight: 1 }] }),
      bundle: new Uint8Array([1]),
      sourceMap: "{}",
      environment: { env: {}, scenarios: {} },
      actor: ana,
    }),
  );

describe("root", () => {
  it("writes down each zone once, and gives a drained one no new runs until that is undone", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        yield* beat(server);
        yield* beat(server);
        expect(yield* typesOf(server)).toEqual(["ZoneSeen"]);
        const question = { zone: "fra", actor: ana, id: "d1", reason: "the rack is moved" };
        yield* answered(requestDrain(server, question, false));
        yield* askRun(server, "r1", "fra");
        expect((yield* runEvents(server, "r1"))[0]).toMatchObject({
          type: "RunRefused",
          problems: [
            {
              message: "zone `fra` is drained (by ana@laptop: the rack is moved) and gets no new runs",
              hint: "name other zones, or open it again: mesh zone drain fra --undo",
            },
          ],
        });
        yield* askRun(server, "r2", "iad");
        expect((yield* runEvents(server, "r2"))[0]?.type).toBe("RunPlanned");
        yield* answered(requestDrain(server, { ...question, id: "d2" }, true));
        yield* askRun(server, "r3", "fra");
        expect((yield* runEvents(server, "r3"))[0]?.type).toBe("RunPlanned");
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("says why it does not drain a zone that never was", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        const asking = requestDrain(server, { zone: "fra1", actor: ana, id: "d1" }, false);
        const answer = yield* answered(Effect.result(asking));
        expect(answer._tag === "Failure" && answer.failure.message).toBe(
          "zone fra1 was never heard (no zone ever was)",
        );
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("goes on with what an earlier root wrote", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const first = yield* lead(server);
        yield* beat(server);
        yield* answered(requestRevoked(server, { zone: "fra", actor: ana, id: "v1" }));
        yield* Fiber.interrupt(first);
        const second = yield* lead(server);
        yield* askRun(server, "r1", "fra");
        expect((yield* runEvents(server, "r1"))[0]).toMatchObject({
          problems: [{ message: "zone `fra` is revoked (by ana@laptop) and gets no new runs" }],
        });
        yield* beat(server); // a word that was under way does not open it again
        expect(yield* typesOf(server)).toEqual(["ZoneSeen", "ZoneRevoked"]);
        yield* Fiber.interrupt(second);
      }),
    ));

  it("gives up a revoked zone at once in a run that is under way, and says by whom it was", () =>
    onHub((server, door) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        yield* beat(server);
        yield* askRun(server, "r1", "fra");
        expect((yield* runEvents(server, "r1")).at(-1)?.type).toBe("RunAssigned");
        yield* answered(requestRevoked(door, { zone: "fra", actor: ana, id: "v1" }));
        const [lost, end] = (yield* runEvents(server, "r1")).slice(2);
        const reason = expect.stringMatching(
          /^zone fra was revoked at 1970-01-01 00:00:\d\d UTC by door-ana \(ana@laptop\)$/,
        );
        expect(lost).toEqual({ type: "ZoneLost", zone: "fra", reason });
        expect(end).toEqual({ type: "RunStopping", cause: { kind: "agents-lost", message: reason, by: "" } });
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("says of a zone that never was, or is below another one, what to name instead", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        yield* beatWithBelow(server);
        yield* askRun(server, "r1", "lab");
        const message = "zone `lab` is below zone fra and gets no new runs";
        const hint = "name zone fra: it gives lab its part";
        expect(yield* runEvents(server, "r1")).toMatchObject([
          { type: "RunRefused", problems: [{ path: "zones", message, hint }] },
        ]);
        yield* askRun(server, "r2", "asia");
        yield* TestClock.adjust("11 seconds");
        const end = (yield* runEvents(server, "r2")).find(({ type }) => type === "RunStopping");
        expect(end).toMatchObject({
          cause: {
            message: "zone asia was never heard (known: fra); name another one, or start it: mesh zone asia",
          },
        });
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("knows the zones below its own: when they come, fall silent and return, and that they are not drained alone", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        yield* beatWithBelow(server);
        yield* beatWithBelow(server);
        const [fra, lab, ...more] = yield* meshEvents(server);
        expect(more).toEqual([]);
        expect([fra, lab]).toEqual([
          { type: "ZoneSeen", zone: "fra", program: "mesh/1", protocol: PROTOCOL, host: "h" },
          { type: "ZoneSeen", zone: "lab", program: "mesh/1", protocol: PROTOCOL, host: "h", parent: "fra" },
        ]);
        for (let n = 0; n < 60; n++) yield* beat(server); // fra speaks on, and hears lab no more
        expect((yield* typesOf(server)).slice(2)).toEqual(["ZoneSilent"]);
        yield* beatWithBelow(server);
        expect((yield* meshEvents(server)).slice(2)).toMatchObject([
          { type: "ZoneSilent", zone: "lab" },
          { type: "ZoneReturned", zone: "lab" },
        ]);
        const asking = requestDrain(server, { zone: "lab", actor: ana, id: "d1" }, false);
        const answer = yield* answered(Effect.result(asking));
        expect(answer._tag === "Failure" && answer.failure.message).toBe(
          "zone lab is below zone fra, which gives it its part of a run: drain that one, or stop mesh zone lab",
        );
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("lets no zone speak for another one that is there, nor for one that was revoked", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fiber = yield* lead(server);
        const own = { program: "mesh/1", host: "h", pid: 1, runs: [], agents: [] };
        const said = { ...word, ...own, node: "lab" };
        const lab = outgoing(header(""), said);
        yield* server.live.tell(subjects.zoneBeat("lab"), lab);
        yield* beatWithBelow(server);
        yield* server.live.tell(subjects.zoneBeat("lab"), lab);
        yield* beatWithBelow(server);
        yield* answered(requestRevoked(server, { zone: "lab", actor: ana, id: "v1" }));
        yield* TestClock.adjust("11 seconds");
        yield* beatWithBelow(server);
        const ofLab = (yield* meshEvents(server)).filter((each) => "zone" in each && each.zone === "lab");
        expect(ofLab.map(({ type }) => type)).toEqual(["ZoneSeen", "ZoneRevoked"]);
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("tells what the hub's servers refused, the same again once a minute", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const refused = {
          type: "Refused",
          server: "hub-1",
          principal: "zone-fra",
          operation: "publish",
          subject: "mesh.r.pulse",
          at: 5,
          count: 1,
        };
        const fiber = yield* lead(server);
        for (const id of ["1", "2", "3"]) {
          yield* server.log.append(subjects.hubWatch("hub-1"), outgoing(header(id), refused));
        }
        yield* TestClock.adjust("1 seconds");
        expect(yield* meshEvents(server)).toEqual([{ ...refused, type: "AccessRefused" }]);
        yield* TestClock.adjust("61 seconds");
        const [, second] = yield* meshEvents(server);
        expect(second).toEqual({ ...refused, type: "AccessRefused", count: 2 });
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("copies what a zone's server refused while nobody led, with its origin and only once", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const fact = {
          type: "AccessRefused",
          server: "edge",
          principal: "agent-a1",
          operation: "subscribe",
          subject: ">",
          at: 5,
          count: 1,
        };
        yield* server.log.append(
          subjects.zoneUpEvent("fra", "AccessRefused"),
          outgoing(header("zone-fra.7"), fact),
        );
        for (const _ of ["first", "second"]) {
          const fiber = yield* lead(server);
          yield* beat(server);
          yield* TestClock.adjust("1 seconds");
          yield* Fiber.interrupt(fiber);
        }
        const origin = { stream: "MESH_UP_fra_EVENTS", sequence: 1, id: "zone-fra.7" };
        const copies = (yield* meshEvents(server)).filter(({ type }) => type === "AccessRefused");
        expect(copies).toEqual([{ ...fact, zone: "fra", origin }]);
      }),
    ));
});

describe("root that hears of a share that a zone's owner does not allow", () => {
  it("writes it into the mesh log while the run is open, and no other refusal of a share", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const say = (id: string, kind: string, message: string) => {
          const body = { type: "ShareRefused", run: "r1", cause: { kind, message, by: "zone fra" } };
          return server.log.append(subjects.zoneUpEvent("fra", body.type), outgoing(header(id), body));
        };
        const first = yield* lead(server);
        yield* beat(server);
        yield* askRun(server, "r1", "fra");
        yield* Fiber.interrupt(first);
        yield* say("1", "agents-missing", "too few agents");
        yield* say("2", "guard-refused", "10.0.0.5 is not on its list");
        const fiber = yield* lead(server);
        yield* beat(server);
        yield* TestClock.adjust("1 seconds");
        const origin = { stream: "MESH_UP_fra_EVENTS", sequence: 2, id: "2" };
        expect((yield* meshEvents(server)).filter(({ type }) => type !== "ZoneSeen")).toEqual([
          { type: "ScriptRefused", zone: "fra", run: "r1", reason: "10.0.0.5 is not on its list", origin },
        ]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("a command of a door that has a login of its own", () => {
  it("is signed with that login in every log, and the name the door gave itself beside it", () =>
    onHub((server, door) =>
      Effect.gen(function* () {
        const who = "door-ana (ana@laptop)";
        const fiber = yield* lead(server);
        yield* askRun(door, "r1", "fra");
        yield* answered(requestNote(door, "r1", ana, "it was cold", "n1"));
        const cause = { kind: "person", message: "enough", by: ana } as const;
        yield* answered(requestStop(door, "r1", ana, cause, "s1"));
        const events = yield* runEvents(server, "r1");
        expect(events.find(({ type }) => type === "RunPlanned")).toMatchObject({ actor: who });
        expect(events.find(({ type }) => type === "NoteAdded")).toMatchObject({ actor: who });
        expect(events.find(({ type }) => type === "RunStopping")).toMatchObject({ cause: { by: who } });
        expect(events.at(-1)?.type).toBe("VerdictGiven");
        yield* answered(requestRemoval(door, "r1", ana, "x1"));
        expect((yield* meshEvents(server)).at(-1)).toEqual({
          type: "RunRemoved",
          run: "r1",
          actor: who,
          script: "script.ts",
        });
        yield* Fiber.interrupt(fiber);
      }),
    ));
});
