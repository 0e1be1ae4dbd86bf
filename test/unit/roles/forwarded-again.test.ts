/**
 * A zone that was quiet for so long that the node above has nothing of it any more: its forwarder copies its whole log again,
 * and what is in there is not taken a second time.
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { MESH_EVENTS } from "../../../src/roles/door/ask-mesh.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { root } from "../../../src/roles/root/root.ts";
import { forward } from "../../../src/roles/zone/forward.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });
const upEvents = { asset: "upEvents", zone: "fra" } as const;

const forwarding = (server: Server) =>
  forward({
    zone: "fra",
    own: server,
    upper: server,
    from: { asset: "zoneEvents", zone: "fra" },
    filter: patterns.zoneEvents("fra"),
    asset: "upEvents",
    subjects: patterns.zoneUpEvents("fra"),
    subjectOf: (subject) => subjects.zoneUpEvent("fra", parseSubject(subject)?.type ?? ""),
  });

/** Zone fra writes down that somebody was refused something. */
const refuse = (server: Server, subject: string) => {
  const fact = {
    type: "AccessRefused",
    server: "edge",
    principal: "agent-a1",
    operation: "publish",
    subject,
  };
  const body = { ...fact, at: 5, count: 1 };
  return server.log.append(
    subjects.zoneEvent("fra", body.type),
    outgoing(header(`zone-fra.${subject}`), body),
  );
};

const beat = {
  type: "Beat",
  node: "fra",
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh",
  host: "h",
  pid: 1,
  runs: [],
  agents: [],
};

const pass = Effect.fnUntraced(function* (server: Server, seconds: number) {
  for (let second = 0; second < seconds; second += 1) {
    yield* server.live.tell(subjects.zoneBeat("fra"), outgoing(header(""), beat));
    vi.advanceTimersByTime(1000);
    yield* TestClock.adjust("1 seconds");
  }
});

/** What the mesh log says was refused. */
const refused = (server: Server) =>
  server.log
    .read(MESH_EVENTS, [subjects.meshEvent("AccessRefused")])
    .pipe(
      Effect.map((all) =>
        all.map(({ data }) => (JSON.parse(new TextDecoder().decode(data)) as { subject: string }).subject),
      ),
    );

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

describe("facts of a zone that are forwarded again", () => {
  it("are in the mesh log once, under the root that knows them and under the next one, and new ones are, too", () => {
    const hub = new MemoryHub();
    hub.provision("hub", "");
    for (const scope of ["zone", "link"] as const) hub.provision(scope, "fra");
    const server = memoryServer(hub);
    const lead = Effect.forkChild(
      root({ name: "root-a", note: () => {} }).pipe(Effect.provideService(Own, server)),
    );
    const forget = (forwarder: Fiber.Fiber<unknown, unknown>) =>
      Effect.gen(function* () {
        yield* Fiber.interrupt(forwarder);
        yield* server.admin.purge(upEvents, patterns.zoneUpEvents("fra"));
        yield* pass(server, 130); // the server also forgets which ids it had
        return yield* Effect.forkChild(forwarding(server));
      });
    return Effect.gen(function* () {
      const first = yield* lead;
      const forwarder = yield* Effect.forkChild(forwarding(server));
      for (const subject of ["a", "b"]) yield* refuse(server, subject);
      yield* pass(server, 2);
      expect(yield* refused(server)).toEqual(["a", "b"]);

      const again = yield* forget(forwarder);
      yield* refuse(server, "c");
      yield* pass(server, 2);
      const copies = yield* server.log.read(upEvents, [patterns.zoneUpEvents("fra")]);
      expect(copies.map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
      expect(yield* refused(server)).toEqual(["a", "b", "c"]);

      yield* Fiber.interrupt(first);
      const last = yield* forget(again);
      const second = yield* lead;
      yield* refuse(server, "d");
      yield* pass(server, 2);
      expect(yield* refused(server)).toEqual(["a", "b", "c", "d"]);
      for (const fiber of [second, last]) yield* Fiber.interrupt(fiber);
    }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
  });
});
