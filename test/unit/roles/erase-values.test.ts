/** The values of a run are off the disk before its verdict is in the log, and before its zone says that it has forgotten it. */
import { createHash } from "node:crypto";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, ServerError, Upper } from "../../../src/ports/server.ts";
import { eraseValues } from "../../../src/roles/erase-values.ts";
import { bundleOf, environmentOf } from "../../../src/roles/object-names.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { zone } from "../../../src/roles/zone/zone.ts";
import { assigned, person, plan, planned, ready, stopping } from "../run/fixture.ts";

const bundle = new Uint8Array(1);
const secretive = { ...plan, bundle: createHash("sha256").update(bundle).digest("hex"), env: ["TOKEN"] };
const hubStore = { asset: "environments", zone: "" } as const;
const storeOf = (name: string) => ({ asset: "zoneObjects", zone: name }) as const;
const linkOf = (name: string) => ({ asset: "linkObjects", zone: name }) as const;
const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });

/** A hub that also holds everything of two zones, with the values of run `r` wherever they may be. */
const withValues = (program: (server: Server, hub: MemoryHub) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const name of ["fra", "iad"])
    for (const scope of ["link", "zone"] as const) hub.provision(scope, name);
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    yield* server.objects.put(hubStore, "r", new Uint8Array(1));
    for (const where of ["fra", "iad"].flatMap((name) => [storeOf(name), linkOf(name)]))
      yield* server.objects.put(where, environmentOf("r"), new Uint8Array(1));
    yield* program(server, hub);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

/** Where the values of run `r` are. */
const left = Effect.fnUntraced(function* ({ objects }: Server) {
  const found: string[] = [];
  if ((yield* objects.get(hubStore, "r")) !== undefined) found.push("hub");
  for (const name of ["fra", "iad"]) {
    if (yield* objects.has(storeOf(name), environmentOf("r"))) found.push(name);
    if (yield* objects.has(linkOf(name), environmentOf("r"))) found.push(`link to ${name}`);
  }
  return found;
});

/** The server, and what was left each time an event of this type was about to be stored. */
function seenAt(server: Server, type: string) {
  const seen: (readonly string[])[] = [];
  const append: Server["log"]["append"] = (subject, message, expectation) =>
    Effect.gen(function* () {
      if (message.envelope.type === type) seen.push(yield* left(server));
      return yield* server.log.append(subject, message, expectation);
    });
  return { seen, server: { ...server, log: { ...server.log, append } } };
}

const write = (server: Server, events: readonly RunEvent[]) =>
  Effect.forEach(
    events.entries(),
    ([n, event]) => server.log.append(subjects.runEvent("r", event.type), outgoing(header(`r.${n}`), event)),
    { discard: true },
  );

const startRoot = (server: Server) =>
  Effect.forkChild(root({ name: "root-b", note: () => {} }).pipe(Effect.provideService(Own, server)));

describe("erasing the values of a run", () => {
  it("takes the hub's and the zones', and passes over a zone whose store is elsewhere", () =>
    withValues((server) =>
      Effect.gen(function* () {
        expect(yield* eraseValues(server, "r", ["fra", "far", "iad"])).toBeUndefined();
        expect(yield* left(server)).toEqual([]);
      }),
    ));

  it("goes on past a copy that cannot be erased, and says why", () =>
    withValues((server) =>
      Effect.gen(function* () {
        const remove: Server["objects"]["remove"] = (where, name) =>
          where.zone === "fra" ? Effect.never : server.objects.remove(where, name);
        const erasing = yield* Effect.forkChild(
          eraseValues({ ...server, objects: { ...server.objects, remove } }, "r", ["fra", "iad"]),
        );
        yield* TestClock.adjust("2 seconds");
        expect(yield* Fiber.join(erasing)).toMatch(/2/);
        expect(yield* left(server)).toEqual(["fra", "link to fra"]);
      }),
    ));
});

describe("root", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  const impatient = { ...secretive, onSilence: { do: "stop" as const, afterMs: 5000 } };

  it("has erased them when it gives the verdict, although the zones are gone", () =>
    withValues((memory) =>
      Effect.gen(function* () {
        const { seen, server } = seenAt(memory, "VerdictGiven");
        yield* write(server, [planned(impatient), assigned, stopping(person)]);
        const fiber = yield* startRoot(server);
        yield* TestClock.adjust("1 seconds");
        expect(yield* left(server)).toEqual(["hub", "fra", "link to fra", "iad", "link to iad"]);
        for (let second = 0; second < 20; second += 1) {
          vi.advanceTimersByTime(1000);
          yield* TestClock.adjust("1 seconds");
        }
        expect(seen).toEqual([[]]);
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("erases those of a run that it takes over once everybody has them in memory", () =>
    withValues((memory) =>
      Effect.gen(function* () {
        const { seen, server } = seenAt(memory, "VerdictGiven");
        yield* write(server, [planned(secretive), assigned, ...ready, { type: "RunStarted", startAt: 1 }]);
        const fiber = yield* startRoot(server);
        yield* TestClock.adjust("1 seconds");
        expect([yield* left(server), seen]).toEqual([[], []]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("zone", () => {
  const tell = (server: Server, body: { readonly type: string }) =>
    server.log.append(
      subjects.zoneCommand("fra", "r", body.type),
      outgoing({ ...header(body.type), expires: Number.MAX_SAFE_INTEGER }, body),
    );
  const forgetting = { type: "ForgetRun", run: "r" };
  const assignment = {
    type: "AssignShare",
    run: "r",
    plan: secretive,
    share: [{ weights: [1], index: 0 }],
    agents: 1,
    workers: 0,
  };

  it("has erased its copy when it says that it has forgotten the run, however often it must try", () =>
    withValues((memory) =>
      Effect.gen(function* () {
        const { seen, server } = seenAt(memory, "ShareForgotten");
        let tries = 0;
        const away = new ServerError({
          operation: "delete",
          address: "x",
          reason: "unavailable",
          detail: "away",
        });
        const remove: Server["objects"]["remove"] = (where, name) =>
          where.asset === "zoneObjects" && ++tries === 1
            ? Effect.fail(away)
            : memory.objects.remove(where, name);
        const own = { ...server, objects: { ...server.objects, remove } };
        yield* memory.admin.durable("zone", "fra", "");
        const options = { zone: "fra", session: "s", program: "mesh", host: "h", pid: 1, note: () => {} };
        const fiber = yield* Effect.forkChild(
          zone(options).pipe(Effect.provideService(Own, own), Effect.provideService(Upper, memory)),
        );
        yield* memory.objects.put(linkOf("fra"), bundleOf(secretive.bundle), bundle);
        yield* tell(memory, assignment);
        yield* TestClock.adjust("2 seconds");
        yield* tell(memory, forgetting);
        yield* TestClock.adjust("40 seconds");
        expect([tries, seen]).toEqual([2, [["hub", "link to fra", "iad", "link to iad"]]]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});
