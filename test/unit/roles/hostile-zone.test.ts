/** A zone with a program of its own says what it likes: root leads on, and its mesh log stays readable and short. */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, ServerError } from "../../../src/ports/server.ts";
import { requestRun } from "../../../src/roles/door/ask.ts";
import { MESH_EVENTS, requestDrain } from "../../../src/roles/door/ask-mesh.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { requestOf } from "../plan/request.ts";

const said = {
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh/1",
  host: "h",
  pid: 1,
  runs: [],
  agents: [],
};
const MOST = Number.MAX_SAFE_INTEGER;

interface Hub {
  readonly server: Server;
  readonly notes: readonly string[];
  /** Another root takes over. */
  readonly replaceRoot: () => Effect.Effect<void>;
  readonly events: () => Effect.Effect<readonly MeshEvent[], Error>;
}

/** Zones fra and iad are heard at a hub that a root leads; it is led to the end, by the last root. */
const onHub = (
  program: (hub: Hub) => Effect.Effect<void, Error>,
  behind: (server: Server) => Server = (s) => s,
) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const zone of ["fra", "iad"]) hub.provision("link", zone);
  const server = behind(memoryServer(hub));
  const notes: string[] = [];
  const lead = (name: string) =>
    root({ name, note: (line) => void notes.push(line) }).pipe(
      Effect.provideService(Own, server),
      Effect.forkChild,
      Effect.tap(() => TestClock.adjust("1 seconds")),
    );
  return Effect.gen(function* () {
    let leading = yield* lead("root-a");
    const replaceRoot = Effect.fnUntraced(function* () {
      yield* Fiber.interrupt(leading);
      leading = yield* lead("root-b");
    });
    const events = () =>
      server.log
        .read(MESH_EVENTS, [subjects.meshLog()])
        .pipe(
          Effect.map((log) => log.map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as MeshEvent)),
        );
    yield* program({ server, notes, replaceRoot, events });
    expect(leading.pollUnsafe()).toBeUndefined();
    expect(notes.filter((line) => /no longer leading|left alone/.test(line))).toEqual([]);
    yield* Fiber.interrupt(leading);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

/** Time passes when every fiber has done what it could. */
const pass = (time: Duration.Input) =>
  Effect.andThen(
    Effect.promise(() => new Promise((resolve) => void setImmediate(resolve))),
    TestClock.adjust(time),
  );

/** Little time, as often as it takes until something has been written; a thousand facts are not written at once. */
const until = Effect.fnUntraced(function* (
  events: Hub["events"],
  isThere: (all: readonly MeshEvent[]) => boolean,
) {
  for (let round = 0; round < 100; round += 1) {
    const all = yield* events();
    if (isThere(all)) return all;
    for (let n = 0; n < 20; n += 1) yield* pass("1 millis");
  }
  return yield* Effect.fail(new Error(`only ${JSON.stringify((yield* events()).slice(-20))}`));
});

/** A zone's heartbeat, and 200 ms after it. */
const beat = (server: Server, zone: string, change: object = {}, time = 1) => {
  const body = { type: "Beat", node: zone, session: "s", ...said, ...change };
  return server.live
    .tell(subjects.zoneBeat(zone), outgoing({ id: "", time, actor: zone, epoch: 1 }, body))
    .pipe(Effect.andThen(pass("200 millis")));
};

const below = (parent: string, ...names: readonly string[]) =>
  names.map((zone) => ({ ...said, zone, parent, silentMs: 0 }));

let facts = 0;
const state = (server: Server, zone: string, event: ZoneEvent) => {
  facts += 1;
  const message = outgoing({ id: `${zone}.${facts}`, time: 1, actor: zone }, event);
  return server.log.append(subjects.zoneUpEvent(zone, event.type), message);
};

const refused = { type: "AccessRefused", server: "fra", principal: "agent-a", operation: "publish" } as const;
const refusal = (change: object = {}): ZoneEvent => ({
  ...refused,
  subject: "x",
  at: 5,
  count: 1,
  ...change,
});

const typesOf = (events: readonly MeshEvent[]) => events.map(({ type }) => type);
const about = (zone: string) => (event: MeshEvent) => "zone" in event && event.zone === zone;

describe("a zone that says when it says something", () => {
  it.each([Number.NaN, 1e30, -5])("is taken by root's own clock (its own says %d)", (time) =>
    onHub(({ server, replaceRoot, events }) =>
      Effect.gen(function* () {
        yield* beat(server, "fra");
        yield* TestClock.adjust("12 seconds");
        yield* beat(server, "fra", {}, time);
        const [, silent, returned, ...more] = yield* events();
        expect([silent?.type, more]).toEqual(["ZoneSilent", []]);
        expect(returned).toEqual({ type: "ZoneReturned", zone: "fra", silentMs: expect.any(Number) });
        expect(returned?.type === "ZoneReturned" && Math.round(returned.silentMs / 1000)).toBe(12);
        // The log is one that the next root can read, and goes on with.
        yield* replaceRoot();
        const asking = yield* Effect.forkChild(
          requestDrain(server, { zone: "fra", actor: "ana", id: "d" }, false),
        );
        yield* TestClock.adjust("2 seconds");
        yield* Fiber.join(asking);
        expect(typesOf(yield* events()).at(-1)).toBe("ZoneDrained");
      }),
    ),
  );

  it("is silent for a whole number of milliseconds, whatever is said of it", () =>
    onHub(({ server, events }) =>
      Effect.gen(function* () {
        yield* beat(server, "fra", { below: below("fra", "lab") });
        for (let n = 0; n < 60; n += 1)
          yield* beat(server, "fra", {
            below: below("fra", "lab").map((zone) => ({ ...zone, silentMs: MOST })),
          });
        const found = (yield* events()).find(({ type }) => type === "ZoneSilent");
        expect(found?.type === "ZoneSilent" && found.since).toSatisfy(Number.isSafeInteger);
      }),
    ));
});

describe("a zone that says much", () => {
  it("of another protocol adds nothing, however long it speaks", () =>
    onHub(({ server, notes, events }) =>
      Effect.gen(function* () {
        for (let n = 0; n < 100; n += 1) yield* beat(server, "fra", { protocol: PROTOCOL + 1 });
        expect(yield* events()).toEqual([]);
        expect(notes.filter((line) => line.includes("it is not used"))).toHaveLength(1);
      }),
    ));

  it("and is another program each time is written down once a minute", () =>
    onHub(({ server, events }) =>
      Effect.gen(function* () {
        for (let n = 0; n < 200; n += 1) yield* beat(server, "fra", { program: `mesh/${n}` });
        expect(typesOf(yield* events())).toEqual(["ZoneSeen", "ZoneSeen"]);
      }),
    ));

  it("of a zone below another one keeps that one neither alive nor out", () =>
    onHub(({ server, replaceRoot, events }) =>
      Effect.gen(function* () {
        const lab = (parent: string) => ({ below: below(parent, "lab") });
        yield* beat(server, "iad", lab("iad"));
        yield* replaceRoot();
        for (let n = 0; n < 60; n += 1) {
          yield* beat(server, "fra", lab("fra"));
          yield* beat(server, "iad", lab("iad"));
        }
        const ofLab = () => Effect.map(events(), (all) => all.filter(about("lab")));
        expect(yield* ofLab()).toEqual([expect.objectContaining({ type: "ZoneSeen", parent: "iad" })]);
        for (let n = 0; n < 60; n += 1) {
          yield* beat(server, "fra", lab("fra"));
          yield* beat(server, "iad");
        }
        expect(typesOf(yield* ofLab()).slice(1, 2)).toEqual(["ZoneSilent"]);
      }),
    ));

  it("of refused accesses is counted, and is not believed about zones that are not below it", () =>
    onHub(({ server, events }) =>
      Effect.gen(function* () {
        yield* beat(server, "fra", { below: below("fra", "lab") });
        yield* beat(server, "iad");
        for (let n = 0; n < 60; n += 1) yield* state(server, "fra", refusal({ zone: "iad" }));
        yield* state(server, "fra", refusal({ zone: "lab" }));
        const accesses = (all: readonly MeshEvent[]) => all.filter(({ type }) => type === "AccessRefused");
        const first = [
          { zone: "fra", count: 1 },
          { zone: "lab", count: 1 },
        ];
        expect(accesses(yield* until(events, (all) => accesses(all).some(about("lab"))))).toMatchObject(
          first,
        );
        yield* pass("61 seconds");
        const told = accesses(yield* until(events, (all) => accesses(all).length > 2));
        expect(told).toMatchObject([...first, { zone: "fra", count: 59 }]);
      }),
    ));

  it("with counts and texts without end is cut, and the log stays whole", () =>
    onHub(({ server, replaceRoot, events }) =>
      Effect.gen(function* () {
        yield* beat(server, "fra");
        for (let n = 0; n < 3; n += 1)
          yield* state(server, "fra", refusal({ detail: "x".repeat(1_000_000), count: MOST }));
        yield* TestClock.adjust("62 seconds");
        const told = (yield* events()).filter(({ type }) => type === "AccessRefused");
        expect(told.map((event) => event.type === "AccessRefused" && event.count)).toEqual([MOST, MOST]);
        expect(JSON.stringify(told).length).toBeLessThan(5000);
        yield* replaceRoot();
      }),
    ));
});

describe("a zone that refuses scripts", () => {
  const cause = { kind: "guard-refused", message: "not on the list", by: "" } as const;
  const refuses = (run: string): ZoneEvent => ({ type: "ShareRefused", run, cause });

  it("is written down for an open run of its own, once", () =>
    onHub(({ server, events }) =>
      Effect.gen(function* () {
        yield* beat(server, "fra");
        yield* beat(server, "iad");
        const asking = requestRun(server, {
          run: "r1",
          request: requestOf({}, { zones: [{ zone: "fra", weight: 1 }] }),
          bundle: new Uint8Array([1]),
          sourceMap: "{}",
          environment: { env: {}, scenarios: {} },
          actor: "ana",
        });
        const asked = yield* Effect.forkChild(asking);
        yield* TestClock.adjust("2 seconds");
        yield* Fiber.join(asked);
        yield* beat(server, "fra");
        yield* state(server, "iad", refuses("r1"));
        yield* state(server, "fra", refuses("made-up"));
        for (let n = 0; n < 5; n += 1) yield* state(server, "fra", refuses("r1"));
        yield* TestClock.adjust("2 seconds");
        const told = (yield* events()).filter(({ type }) => type === "ScriptRefused");
        expect(told).toMatchObject([{ run: "r1", zone: "fra" }]);
      }),
    ));
});

describe("a fact whose copy no server takes", () => {
  /** A server that takes no message of more than 3,000 bytes into the mesh log. */
  const small = (server: Server): Server => ({
    ...server,
    log: {
      ...server.log,
      append: (subject, message, expect) =>
        subject === subjects.meshEvent("AccessRefused") && message.data.length > 3000
          ? Effect.fail(
              new ServerError({
                operation: "append to",
                address: subject,
                reason: "too-large",
                detail: "too long",
              }),
            )
          : server.log.append(subject, message, expect),
    },
  });

  it("is passed over, and the one behind it is taken", () =>
    onHub(
      ({ server, notes, events }) =>
        Effect.gen(function* () {
          yield* beat(server, "fra");
          const long = { principal: "x".repeat(1000), subject: "x".repeat(1000), server: "x".repeat(1000) };
          yield* state(server, "fra", refusal(long));
          yield* state(server, "fra", refusal());
          yield* TestClock.adjust("2 seconds");
          expect(typesOf(yield* events())).toEqual(["ZoneSeen", "AccessRefused"]);
          expect(notes.filter((line) => line.startsWith("passed over"))).toEqual([
            expect.stringMatching(/^passed over AccessRefused of zone fra: .*too long/),
          ]);
        }),
      small,
    ));
});
