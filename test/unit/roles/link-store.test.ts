/** A zone finds what its share needs in the store of its link, and no other zone's; root put it there before it told the zone. */
import { createHash } from "node:crypto";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { type AssetRef, Own, type Server } from "../../../src/ports/server.ts";
import { fillLinks, hubObjects } from "../../../src/roles/link-store.ts";
import { bundleOf, dataFile, environmentOf, sourceMapOf } from "../../../src/roles/object-names.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { assigned, person, plan, planned, ready, stopping } from "../run/fixture.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const file = { name: "users.csv", sha256: hashOf("a,b") };
const needy = { ...plan, bundle: hashOf("script"), env: ["TOKEN"], files: [{ ...file, bytes: 3 }] };
const bundles: AssetRef = { asset: "bundles", zone: "" };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });

/** A hub with the objects of run `r`, which has the zones fra and iad. */
const onHub = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  const server = memoryServer(hub);
  const stored = [
    server.objects.put(bundles, needy.bundle, bytesOf("script")),
    server.objects.put(bundles, `${needy.bundle}.map`, bytesOf("map")),
    server.objects.put(bundles, dataFile(file.sha256), bytesOf("a,b")),
    server.objects.put({ asset: "environments", zone: "" }, "r", bytesOf("values")),
    server.objects.put({ asset: "environments", zone: "" }, "other", bytesOf("of another run")),
  ];
  return Effect.andThen(Effect.all(stored), program(server)).pipe(
    Effect.provide(TestClock.layer()),
    Effect.runPromise,
  );
};

const names = [
  bundleOf(needy.bundle),
  sourceMapOf(needy.bundle),
  dataFile(file.sha256),
  environmentOf("r"),
  environmentOf("other"),
];

/** What a zone can read, as text. */
const readable = Effect.fnUntraced(function* ({ objects }: Server, zone: string) {
  const found = yield* Effect.forEach(names, (name) => objects.get({ asset: "linkObjects", zone }, name));
  return found.map((bytes) => new TextDecoder().decode(bytes));
});
const all = ["script", "map", "a,b", "values", ""];
const nothing = ["", "", "", "", ""];

/** The server, and what a zone could read each time it was told of a share. */
function seenByZones(server: Server) {
  const seen: (readonly [subject: string, texts: readonly string[]])[] = [];
  const append: Server["log"]["append"] = (subject, message, expectation) =>
    Effect.gen(function* () {
      const zone = /^mesh\.z\.(\w+)\.cmd\.r\.AssignShare$/.exec(subject)?.[1];
      if (zone !== undefined) seen.push([zone, yield* readable(server, zone)]);
      return yield* server.log.append(subject, message, expectation);
    });
  return { seen, server: { ...server, log: { ...server.log, append } } };
}

/** A root takes over a run with this log, and does what is to be done at once. */
const takenOver = Effect.fnUntraced(function* (server: Server, events: readonly RunEvent[]) {
  for (const [n, event] of events.entries()) {
    yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(`r.${n}`), event));
  }
  const fiber = yield* Effect.forkChild(
    root({ name: "root-b", note: () => {} }).pipe(Effect.provideService(Own, server)),
  );
  yield* TestClock.adjust("1 seconds");
  yield* Fiber.interrupt(fiber);
});

describe("the stores of the links", () => {
  it("have what each zone needs, and nothing of other runs, when it is told of its share", () =>
    onHub((memory) =>
      Effect.gen(function* () {
        const { seen, server } = seenByZones(memory);
        yield* takenOver(server, [planned(needy), assigned]);
        expect(Object.fromEntries(seen)).toEqual({ fra: all, iad: all });
      }),
    ));

  it.each([
    ["has started", [...ready, { type: "RunStarted", startAt: 1 }] as const],
    ["is stopping", [stopping(person)] as const],
  ])("get nothing more of a run that %s", (_, later) =>
    onHub((server) =>
      Effect.gen(function* () {
        yield* takenOver(server, [planned(needy), assigned, ...later]);
        expect([yield* readable(server, "fra"), yield* readable(server, "iad")]).toEqual([nothing, nothing]);
      }),
    ),
  );

  it("get nothing that is not what its hash says, and all of it once it is stored anew", () =>
    onHub((server) =>
      Effect.gen(function* () {
        yield* server.admin.provision("link", "fra");
        for (const name of [needy.bundle, dataFile(file.sha256)])
          yield* server.objects.put(bundles, name, bytesOf("something else"));
        yield* fillLinks(server, hubObjects("r", needy), ["fra"]);
        expect(yield* readable(server, "fra")).toEqual(["", "map", "", "values", ""]);
        yield* server.objects.put(bundles, needy.bundle, bytesOf("script"));
        yield* server.objects.put(bundles, dataFile(file.sha256), bytesOf("a,b"));
        yield* fillLinks(server, hubObjects("r", needy), ["fra"]);
        expect(yield* readable(server, "fra")).toEqual(all);
      }),
    ));

  it("are not written again, and the hub's not read, where all is there", () =>
    onHub((memory) =>
      Effect.gen(function* () {
        const did: string[] = [];
        const objects: Server["objects"] = {
          ...memory.objects,
          get: (where, name) => (did.push(`get ${name}`), memory.objects.get(where, name)),
          put: (where, name, bytes) => (
            did.push(`put ${where.zone} ${name}`),
            memory.objects.put(where, name, bytes)
          ),
        };
        for (const zone of ["fra", "iad"]) yield* memory.admin.provision("link", zone);
        const bundleOnly = hubObjects("r", { ...needy, env: [], files: [] });
        yield* fillLinks({ ...memory, objects }, bundleOnly, ["fra"]);
        yield* fillLinks({ ...memory, objects }, bundleOnly, ["fra", "iad"]);
        yield* fillLinks({ ...memory, objects }, bundleOnly, ["fra", "iad"]);
        const [map, bundle] = [sourceMapOf(needy.bundle), bundleOf(needy.bundle)];
        const both = [`get ${needy.bundle}.map`, `get ${needy.bundle}`];
        expect(did.filter((what) => what.startsWith("get"))).toEqual([...both, ...both]);
        expect(did.filter((what) => what.startsWith("put"))).toEqual([
          `put fra ${map}`,
          `put fra ${bundle}`,
          `put iad ${map}`,
          `put iad ${bundle}`,
        ]);
      }),
    ));
});
