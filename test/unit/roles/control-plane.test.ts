/** Servers of the mesh come with a share, so that no script reaches those that only root or a zone above knows. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { decodeBody } from "../../../src/domain/log/codec.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, Upper } from "../../../src/ports/server.ts";
import type { ControlPlane } from "../../../src/roles/control-plane.ts";
import { bundleOf } from "../../../src/roles/object-names.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { zone } from "../../../src/roles/zone/zone.ts";
import { assigned, plan, planned } from "../run/fixture.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });

/** A server of a cluster of two, with all that is there for two zones. */
const onCluster = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const name of ["fra", "iad"])
    for (const scope of ["link", "zone"] as const) hub.provision(scope, name);
  const server = { ...memoryServer(hub), members: () => ["10.0.0.2:4222"] };
  return program(server).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const knows =
  (...servers: readonly string[]): ControlPlane =>
  (members) =>
    Promise.resolve([...servers, ...members]);

/** What was said, once it has been; what a promise answers comes between two turns of the clock. */
const said = Effect.fnUntraced(function* (read: Effect.Effect<readonly object[], Error>) {
  for (let turn = 0; turn < 10; turn += 1) {
    yield* TestClock.adjust("500 millis");
    const found = yield* read;
    if (found.length > 0) return found;
  }
  return [];
});

describe("servers of the mesh", () => {
  it("that root knows, those of its cluster among them, are told to each zone with its share", () =>
    onCluster((server) =>
      Effect.gen(function* () {
        for (const event of [planned(), assigned])
          yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(event.type), event));
        const options = { name: "root-b", note: () => {}, controlPlane: knows("ch.test:8123") };
        const fiber = yield* Effect.forkChild(root(options).pipe(Effect.provideService(Own, server)));
        for (const name of ["fra", "iad"]) {
          const read = server.log
            .read({ asset: "down", zone: name }, [subjects.zoneCommand(name, "r", "AssignShare")])
            .pipe(
              Effect.map((all) => all.map((each) => decodeBody("node command", each.envelope, each.data))),
            );
          expect(yield* said(read)).toMatchObject([{ controlPlane: ["ch.test:8123", "10.0.0.2:4222"] }]);
        }
        yield* Fiber.interrupt(fiber);
      }),
    ));

  it("that a zone is told stand in its log beside those that it knows", () =>
    onCluster((server) =>
      Effect.gen(function* () {
        yield* server.admin.durable("zone", "fra", "");
        const controlPlane = knows("zone.test:4222", "ch.test:8123");
        const options = {
          zone: "fra",
          session: "s",
          program: "mesh",
          host: "h",
          pid: 1,
          note: () => {},
          controlPlane,
        };
        const fiber = yield* Effect.forkChild(
          zone(options).pipe(Effect.provideService(Own, server), Effect.provideService(Upper, server)),
        );
        yield* server.objects.put(
          { asset: "linkObjects", zone: "fra" },
          bundleOf(plan.bundle),
          new Uint8Array(1),
        );
        const asked = {
          type: "AssignShare",
          run: "r",
          plan,
          share: [{ weights: [1], index: 0 }],
          agents: 1,
          workers: 0,
          controlPlane: ["ch.test:8123"],
        };
        yield* server.log.append(
          subjects.zoneCommand("fra", "r", asked.type),
          outgoing({ ...header("1"), expires: Number.MAX_SAFE_INTEGER }, asked),
        );
        const read = server.log
          .read({ asset: "zoneEvents", zone: "fra" }, [subjects.zoneEvent("fra", "ShareAssigned")])
          .pipe(Effect.map((all) => all.map((each) => decodeBody("zone event", each.envelope, each.data))));
        expect(yield* said(read)).toMatchObject([
          { controlPlane: ["ch.test:8123", "zone.test:4222", "10.0.0.2:4222"] },
        ]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});
