/**
 * What a zone's forwarder has carried: the messages of its logs at its own server and their copies at the hub, by id. Looks
 * with the credentials of the zone's coordinator and of root.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { patterns } from "../../streams/subjects.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { AssetRef, Server } from "../../src/ports/server.ts";
import type { LeafMesh } from "./leaf-mesh.ts";

export interface Carried {
  /** Copies at the hub; messages of the zone's logs that the hub has not, or has elsewhere; copies too many. */
  readonly messages: number;
  readonly lost: number;
  readonly doubled: number;
  /** The copies stand in the order of the log. */
  readonly inOrder: boolean;
}

interface Message {
  readonly id: string;
  /** Its place in the zone's stream: of a copy, as the forwarder wrote it there. */
  readonly place: number;
}

const messagesIn = (server: Server, where: AssetRef, pattern: string, isCopy: boolean) =>
  Effect.gen(function* () {
    const found: Message[] = [];
    yield* server.log.scan(where, pattern, ({ envelope, sequence }) =>
      found.push({ id: envelope.id, place: isCopy ? (envelope.sequence ?? 0) : sequence }),
    );
    return found;
  });

/** The zone removes the intervals of a run when it is told to forget it: the hub may have more than the zone. */
function compare(log: readonly Message[], copies: readonly Message[]): Carried {
  const places = new Map(copies.map(({ id, place }) => [id, place]));
  return {
    messages: copies.length,
    lost: log.filter(({ id, place }) => places.get(id) !== place).length,
    doubled: copies.length - places.size,
    inOrder: copies.every(({ place }, n) => n === 0 || place > (copies[n - 1]?.place ?? 0)),
  };
}

/** Longer than a slow link takes for the last facts of a run. */
const ARRIVES_WITHIN_MS = 20_000;

/** Of a zone that is done. What is on its way may arrive; what is not there then is lost. */
export async function carriedBy(mesh: LeafMesh, zone: string): Promise<Carried> {
  const until = performance.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const carried = await look(mesh, zone);
    if (carried.lost === 0 || performance.now() > until) return carried;
    await pause(250);
  }
}

const look = ({ hub, zones }: LeafMesh, zone: string): Promise<Carried> => {
  const own = zones[zone]?.server;
  if (own === undefined) throw new Error(`there is no zone ${zone}`);
  const open = (url: string, folder: string, role: string) =>
    natsServer({ url, credsFile: join(folder, "creds", `${role}.creds`), name: `look-${zone}` });
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const below = yield* open(own.tapUrl, own.folder, "zone");
        const above = yield* open(hub.tapUrl, hub.folder, "root");
        const events = compare(
          yield* messagesIn(below, { asset: "zoneEvents", zone }, patterns.zoneEvents(zone), false),
          yield* messagesIn(above, { asset: "upEvents", zone }, patterns.zoneUpEvents(zone), true),
        );
        const intervals = compare(
          yield* messagesIn(below, { asset: "zoneIntervals", zone }, patterns.zoneIntervals(zone), false),
          yield* messagesIn(above, { asset: "upIntervals", zone }, patterns.zoneUpIntervals(zone), true),
        );
        return {
          messages: events.messages + intervals.messages,
          lost: events.lost + intervals.lost,
          doubled: events.doubled + intervals.doubled,
          inOrder: events.inOrder && intervals.inOrder,
        };
      }),
    ),
  );
};
