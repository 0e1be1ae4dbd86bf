/**
 * A zone with a program of its own, as a raw connection to a real server: what it puts into headers and how long its words
 * are stops neither root nor the zone above it.
 */
import { headers as natsHeaders } from "@nats-io/nats-core";
import { connect as connectPlain, type NatsConnection } from "@nats-io/transport-node";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { expect, it } from "vitest";
import { headers } from "../../../streams/envelope.ts";
import type { Beat } from "../../../streams/messages/live.ts";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { decodeBody } from "../../../src/domain/log/codec.ts";
import { Own, type Server, type ServerError, Upper } from "../../../src/ports/server.ts";
import { MESH_EVENTS } from "../../../src/roles/door/ask-mesh.ts";
import { root } from "../../../src/roles/root/root.ts";
import { zone } from "../../../src/roles/zone/zone.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";
import { provisioned, run } from "./on-server.ts";

const utf8 = new TextDecoder();
const said = {
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh",
  host: "h",
  pid: 1,
  runs: [],
};

/** What anybody with the credentials of a zone, or none where there are no logins, can do. */
const raw = ({ url }: PrivateNats): Effect.Effect<NatsConnection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => connectPlain({ servers: url })),
    (connection) => Effect.promise(() => connection.close()),
  );

function say(
  connection: NatsConnection,
  subject: string,
  body: Readonly<Record<string, unknown>> & { readonly type: string },
  change: Readonly<Record<string, string>> = {},
): void {
  const lines = natsHeaders();
  const ours = {
    [headers.type]: body.type,
    [headers.version]: "1",
    [headers.time]: "1",
    [headers.actor]: "fra",
  };
  for (const [name, value] of Object.entries({ ...ours, ...change })) lines.set(name, value);
  connection.publish(subject, JSON.stringify(body), { headers: lines });
}

const meshEvents = (server: Server) =>
  server.log
    .read(MESH_EVENTS, [subjects.meshLog()])
    .pipe(
      Effect.map((log) =>
        log.map(({ envelope, data }): MeshEvent => decodeBody("mesh event", envelope, data)),
      ),
    );

/** Asks until it is so; the program's own bound ends it. */
const until = <A>(ask: Effect.Effect<A, ServerError>, isSo: (answer: A) => boolean) =>
  ask.pipe(Effect.delay("50 millis"), Effect.repeat({ until: isSo }));

it("root hears no word with headers that are none, copies facts as long as a message may be, and leads on", async () => {
  await using nats = await startNats();
  await run(
    Effect.gen(function* () {
      const server = yield* provisioned(nats);
      yield* server.admin.provision("link", "fra");
      const attacker = yield* raw(nats);
      const notes: string[] = [];
      const leading = yield* root({ name: "root-a", note: (line) => void notes.push(line) }).pipe(
        Effect.provideService(Own, server),
        Effect.forkChild,
      );
      yield* until(server.lease.holder("root"), (holder) => holder === "root-a");
      const beat = { type: "Beat", node: "fra", ...said, agents: [] };
      const types = () => Effect.map(meshEvents(server), (log) => log.map(({ type }) => type));
      yield* Effect.forkChild(
        Effect.sync(() => {
          for (const time of ["x", "1e30", "-1"])
            say(attacker, subjects.zoneBeat("fra"), beat, { [headers.time]: time });
          say(attacker, subjects.zoneBeat("iad"), { ...beat, node: "iad" });
        }).pipe(Effect.delay("100 millis"), Effect.forever),
      );
      yield* until(types(), (all) => all.length > 0);
      expect(yield* meshEvents(server)).toMatchObject([{ type: "ZoneSeen", zone: "iad" }]);
      expect(notes.find((line) => line.includes("Mesh-Time"))).toMatch(
        /^passed over a beat of fra: .*no whole number/,
      );

      say(attacker, subjects.zoneBeat("fra"), beat);
      yield* until(types(), (all) => all.length > 1);
      const most = attacker.info?.max_payload ?? 0;
      const refusal = {
        type: "AccessRefused",
        server: "s",
        principal: "p",
        operation: "publish",
        subject: "x",
        at: 5,
      };
      const long = { ...refusal, count: 1, detail: "x".repeat(most - 500) };
      const up = subjects.zoneUpEvent("fra", "AccessRefused");
      say(attacker, up, { ...refusal, count: 1 }, { [headers.epoch]: "NaN" });
      say(attacker, up, long, { [headers.id]: "1" });
      say(attacker, up, { ...long, principal: "q", detail: "short" }, { [headers.id]: "2" });
      yield* until(types(), (all) => all.length > 3);
      const copies = (yield* meshEvents(server)).slice(2);
      expect(copies).toMatchObject([
        { principal: "p", detail: expect.stringMatching(/^x{999}…$/), zone: "fra" },
        { principal: "q", detail: "short", zone: "fra" },
      ]);
      expect(leading.pollUnsafe()).toBeUndefined();
      expect(notes.filter((line) => line.startsWith("no longer leading"))).toEqual([]);
    }),
  );
});

it("a zone tells the node above so much of those below it as fits into a message", async () => {
  await using nats = await startNats({ config: "max_payload: 1MB" });
  await run(
    Effect.gen(function* () {
      const server = yield* provisioned(nats);
      yield* server.admin.durable("zone", "z", "");
      const attacker = yield* raw(nats);
      const agents = Array.from({ length: 8000 }, (_, n) => ({
        agent: `agent-number-${n}`,
        incarnation: 1,
        cores: 2,
        host: "one.of.many.example.com",
      }));
      const children = ["a", "b"].map((node) => ({ type: "Beat", node, ...said, parent: "z", agents }));
      yield* Effect.forkChild(
        Effect.sync(() => {
          for (const child of children) say(attacker, subjects.childBeat("z", child.node), child);
        }).pipe(Effect.delay("250 millis"), Effect.forever),
      );
      const options = { zone: "z", session: "s", program: "mesh", host: "h", pid: 1, note: () => {} };
      const coordinating = yield* zone(options).pipe(
        Effect.provideService(Own, server),
        Effect.provideService(Upper, server),
        Effect.forkChild,
      );
      const word = Effect.map(
        server.log.last({ asset: "hubLive", zone: "" }, subjects.zoneBeat("z")),
        (last) =>
          last === undefined || last.envelope.type !== "Beat"
            ? undefined
            : (JSON.parse(utf8.decode(last.data)) as Beat),
      );
      const told = yield* until(word, (beat) => beat?.below?.length === 2);
      expect(told?.below).toMatchObject([
        { zone: "a", agents: [], counted: [{ cores: 2, idle: 8000, busy: 0 }] },
        { zone: "b", agents: [], counted: [{ cores: 2, idle: 8000, busy: 0 }] },
      ]);
      expect(coordinating.pollUnsafe()).toBeUndefined();
    }),
  );
});
