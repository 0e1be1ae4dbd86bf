/** A zone that says that it is another one, or sends another one's intervals: the subject counts, not what it says. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { isOf } from "../../../src/domain/interval/owner.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { meshStatus } from "../../../src/roles/door/mesh-status.ts";
import { MESH_EVENTS } from "../../../src/roles/door/ask-mesh.ts";
import { HeardZones } from "../../../src/roles/heard-zones.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";

const word = {
  type: "Beat",
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh/1",
  host: "h",
  pid: 1,
  runs: [] as string[],
  agents: [],
} as const;

const say = (server: Server, zone: string, body: Readonly<Record<string, unknown>>) =>
  server.live
    .tell(
      subjects.zoneBeat(zone),
      outgoing({ id: "", time: 1, actor: zone, epoch: 1 }, Object.assign({ ...word, node: zone }, body)),
    )
    .pipe(Effect.andThen(TestClock.adjust("500 millis")));

const onHub = (program: (server: Server, notes: string[]) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  const notes: string[] = [];
  const note = (line: string) => void notes.push(line);
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    const leading = yield* root({ name: "root-a", note }).pipe(
      Effect.provideService(Own, server),
      Effect.forkChild,
    );
    yield* TestClock.adjust("1 seconds");
    yield* program(server, notes);
    expect(leading.pollUnsafe()).toBeUndefined();
    yield* Fiber.interrupt(leading);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const seen = (server: Server) => server.log.read(MESH_EVENTS, [patterns.meshEvents]);

describe("a zone that speaks for others", () => {
  it("is not heard under their names, and root says so once", () =>
    onHub((server, notes) =>
      Effect.gen(function* () {
        yield* say(server, "fra", { node: "iad" });
        yield* say(server, "fra", { node: "iad" });
        expect(yield* seen(server)).toEqual([]);
        expect(notes.filter((line) => line.includes("not heard"))).toEqual([
          "zone fra says that it is zone iad; it is not heard",
        ]);
        expect((yield* meshStatus(server)).zones).toEqual([]);
      }),
    ));

  it("does not end root with a name that is none, whatever runs it names", () =>
    onHub((server) =>
      Effect.gen(function* () {
        for (let i = 0; i < 10; i++) yield* say(server, "fra", { node: "a.b >", runs: ["gone"] });
        yield* say(server, "fra", {});
        expect((yield* seen(server)).length).toBe(1);
      }),
    ));

  it("tells of no zone below that speaks for itself", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const { session: _, type: _type, ...said } = word;
        yield* say(server, "iad", {});
        yield* say(server, "fra", { below: [{ ...said, zone: "iad", parent: "fra", silentMs: 0 }] });
        const { zones } = yield* meshStatus(server);
        expect(zones.map(({ parent, zone }) => [zone, parent])).toEqual([
          ["fra", null],
          ["iad", null],
        ]);
      }),
    ));
});

describe("runs that a zone names and nobody leads", () => {
  it("are seen to a few at a time, and let go of when they are not named any more", () => {
    let now = 0;
    const zones = new HeardZones(() => now);
    const runs = Array.from({ length: 5000 }, (_, i) => `r${i}`);
    const beat = { ...word, node: "fra", runs };
    expect(zones.strays(beat, () => false)).toEqual([]);
    now = 3000;
    const due = zones.strays(beat, () => false);
    expect(due).toHaveLength(16);
    for (const run of due) zones.seenTo("fra", run);
    expect(zones.strays(beat, () => false)).toEqual(runs.slice(16, 32));
    zones.strays({ ...beat, runs: [] }, () => false);
    expect(zones.strays(beat, () => false)).toEqual([]);
  });
});

describe("whose an interval is", () => {
  it("is what its source says; of what cannot be read nothing is known", () => {
    const frame = new Recorder("fra.3", {}).close(0, { final: false, health: [] });
    expect([isOf("fra", frame), isOf("fr", frame), isOf("iad", frame)]).toEqual([true, false, false]);
    expect(isOf("fra", new Uint8Array([7, 7]))).toBe(true);
  });
});
