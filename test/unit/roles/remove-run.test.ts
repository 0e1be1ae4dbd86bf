/** Removing a run leaves nothing of it, whenever the root that does it ends in between. */
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { type Admin, type AssetRef, type Server, ServerError } from "../../../src/ports/server.ts";
import { dataFile, environmentOf } from "../../../src/roles/object-names.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { removeRun } from "../../../src/roles/root/remove-run.ts";
import { plan, planned } from "../run/fixture.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;
const BUNDLES = { asset: "bundles", zone: "" } as const;
const link = (zone: string): AssetRef => ({ asset: "linkObjects", zone });

const fileOf = (letter: string) => ({ name: `${letter}.csv`, sha256: letter.repeat(64), bytes: 1 });
const [own, shared] = [fileOf("a"), fileOf("b")];
const files: Readonly<Record<string, readonly (typeof own)[]>> = { gone: [own, shared], stays: [shared] };

/** Two runs, one of whose data files both have, with everything that was copied for their zones. */
const withRuns = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const zone of ["fra", "iad"]) hub.provision("link", zone);
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    for (const [run, ofRun] of Object.entries(files)) {
      const event = planned({ ...plan, env: ["TOKEN"], files: ofRun });
      const header = { id: `${run}.0.1`, time: 1, actor: "root", epoch: 1 };
      yield* server.log.append(subjects.runEvent(run, event.type), outgoing(header, event));
      const stores = [BUNDLES, link("fra"), link("iad")];
      for (const store of stores)
        for (const { sha256 } of ofRun) yield* server.objects.put(store, dataFile(sha256), new Uint8Array(1));
      yield* server.objects.put({ asset: "environments", zone: "" }, run, new Uint8Array(1));
      yield* server.objects.put(link("fra"), environmentOf(run), new Uint8Array(1));
    }
    yield* program(server);
  }).pipe(Effect.runPromise);
};

/** The objects that are left, and the runs that have a log. */
const left = Effect.fnUntraced(function* ({ admin, objects }: Server) {
  const found: string[] = [];
  const look = Effect.fnUntraced(function* (what: string, where: AssetRef, name: string) {
    if (yield* objects.has(where, name)) found.push(what);
  });
  for (const run of Object.keys(files)) {
    yield* look(`values of ${run}`, { asset: "environments", zone: "" }, run);
    yield* look(`values of ${run} for fra`, link("fra"), environmentOf(run));
  }
  for (const { name, sha256 } of [own, shared]) {
    yield* look(name, BUNDLES, dataFile(sha256));
    for (const zone of ["fra", "iad"]) yield* look(`${name} for ${zone}`, link(zone), dataFile(sha256));
  }
  for (const run of Object.keys(files)) {
    if ((yield* admin.subjects(RUN_EVENTS, subjects.runLog(run))).length > 0) found.push(`log of ${run}`);
  }
  return found;
});

const OF_THE_OTHER = [
  "values of stays",
  "values of stays for fra",
  "b.csv",
  "b.csv for fra",
  "b.csv for iad",
  "log of stays",
];

describe("removing a run", () => {
  it("takes all that no other run has", () =>
    withRuns((server) =>
      Effect.gen(function* () {
        yield* removeRun(server, "gone");
        expect(yield* left(server)).toEqual(OF_THE_OTHER);
      }),
    ));

  it.each(["runIntervals", "runEvents"])(
    "takes it all the second time, when the first one ended as the stream %s was purged",
    (asset) =>
      withRuns((server) =>
        Effect.gen(function* () {
          const away = { operation: "purge", address: asset, reason: "unavailable", detail: "away" } as const;
          const purge: Admin["purge"] = (where, of) =>
            where.asset === asset ? Effect.fail(new ServerError(away)) : server.admin.purge(where, of);
          const failing = { ...server, admin: { ...server.admin, purge } };
          expect((yield* Effect.result(removeRun(failing, "gone")))._tag).toBe("Failure");
          yield* removeRun(server, "gone");
          expect(yield* left(server)).toEqual(OF_THE_OTHER);
        }),
      ),
  );
});
