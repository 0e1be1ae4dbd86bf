/** What a zone keeps under a hash: nothing else than what has it, and nothing for longer than until that is noticed. */
import { createHash } from "node:crypto";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { readGuardFile } from "../../../src/domain/guard/guard-file.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, Upper } from "../../../src/ports/server.ts";
import { bundleOf } from "../../../src/roles/object-names.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { readBody } from "../../../src/roles/read-body.ts";
import { zone } from "../../../src/roles/zone/zone.ts";
import { plan } from "../run/fixture.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const script = bytesOf("export default () => {};");
const sha256 = createHash("sha256").update(script).digest("hex");
const approved = { ...plan, bundle: sha256 };
const link = { asset: "linkObjects", zone: "fra" } as const;
const store = { asset: "zoneObjects", zone: "fra" } as const;
const name = bundleOf(sha256);

/** A zone whose owner has approved the script, and the store that its parent fills. */
const inZone = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  for (const scope of ["link", "zone"] as const) hub.provision(scope, "fra");
  hub.provision("hub", "");
  const server = memoryServer(hub);
  const read = readGuardFile(JSON.stringify({ requireApproval: true, approved: [sha256] }), "fra");
  const guard = () => ({ name: "guard.json", read });
  const options = { zone: "fra", session: "s", program: "mesh", host: "h", pid: 1, note: () => {}, guard };
  return Effect.gen(function* () {
    yield* server.admin.durable("zone", "fra", "");
    const fiber = yield* Effect.forkChild(
      zone(options).pipe(Effect.provideService(Own, server), Effect.provideService(Upper, server)),
    );
    yield* program(server);
    yield* Fiber.interrupt(fiber);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

/** Gives the zone a share of a run; returns why it was refused, if it was. */
const assigned = Effect.fnUntraced(function* (server: Server, run: string) {
  const share = [{ weights: [1], index: 0 }];
  const body = { type: "AssignShare", run, plan: approved, share, agents: 1, workers: 0 };
  const expires = Number.MAX_SAFE_INTEGER;
  const said = outgoing({ id: `${run}.1`, time: 1, actor: "root", epoch: 1, expires }, body);
  yield* server.log.append(subjects.zoneCommand("fra", run, body.type), said);
  yield* TestClock.adjust("2 seconds");
  const log = yield* server.log.read({ asset: "zoneEvents", zone: "fra" }, [subjects.zoneLog("fra")]);
  const events = log.map((stored) => readBody("zone event", stored, () => {}));
  expect(events.filter((event) => event?.type === "ShareAssigned" && event.run === run)).toHaveLength(1);
  return events.flatMap((event) =>
    event?.type === "ShareRefused" && event.run === run ? [event.cause.message] : [],
  );
});

const kept = (server: Server) =>
  server.objects.get(store, name).pipe(Effect.map((bytes) => new TextDecoder().decode(bytes)));

describe("what lies under an approved hash", () => {
  it("and is another script is refused and let go of: the next run finds the right one", () =>
    inZone((server) =>
      Effect.gen(function* () {
        yield* server.objects.put(link, name, script);
        yield* server.objects.put(store, name, bytesOf("another script"));
        expect(yield* assigned(server, "r1")).toEqual([
          `what lies under the approved hash ${sha256} is another script; zone fra does not run it`,
        ]);
        expect(yield* kept(server)).toBe("");
        expect(yield* assigned(server, "r2")).toEqual([]);
        expect(yield* kept(server)).toBe(new TextDecoder().decode(script));
      }),
    ));

  it("above and is another script is not copied: the next run finds the right one", () =>
    inZone((server) =>
      Effect.gen(function* () {
        yield* server.objects.put(link, name, bytesOf("another script"));
        expect(yield* assigned(server, "r1")).toEqual([
          `the bundle ${sha256.slice(0, 12)} of script.ts is not in the store; run the script again`,
        ]);
        expect(yield* kept(server)).toBe("");
        yield* server.objects.put(link, name, script);
        expect(yield* assigned(server, "r2")).toEqual([]);
        expect(yield* kept(server)).toBe(new TextDecoder().decode(script));
      }),
    ));
});
