/** How long a zone's forwarder takes, once its link is sound again, until the hub has all that the zone had at that moment. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { patterns } from "../../streams/subjects.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { LeafMesh, LeafZone } from "../../test/support/leaf-mesh.ts";

const LOOK_EVERY_MS = 20;
const BOUND_MS = 120_000;

/** Milliseconds since this was called; both servers must be up. */
export const catchUpMs = ({ hub }: LeafMesh, { name: zone, server: own }: LeafZone): Promise<number> => {
  const began = performance.now();
  const open = (url: string, folder: string, role: string) =>
    natsServer({ url, credsFile: join(folder, "creds", `${role}.creds`), name: `look-${zone}` });
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const below = yield* open(own.tapUrl, own.folder, "zone");
        const above = yield* open(hub.tapUrl, hub.folder, "root");
        const events = yield* below.log.last({ asset: "zoneEvents", zone }, patterns.zoneEvents(zone));
        const intervals = yield* below.log.last(
          { asset: "zoneIntervals", zone },
          patterns.zoneIntervals(zone),
        );
        for (;;) {
          const upEvents = yield* above.log.last({ asset: "upEvents", zone }, patterns.zoneUpEvents(zone));
          const upIntervals = yield* above.log.last(
            { asset: "upIntervals", zone },
            patterns.zoneUpIntervals(zone),
          );
          const has =
            (upEvents?.envelope.sequence ?? 0) >= (events?.sequence ?? 0) &&
            (upIntervals?.envelope.sequence ?? 0) >= (intervals?.sequence ?? 0);
          const tookMs = performance.now() - began;
          if (has) return tookMs;
          if (tookMs > BOUND_MS)
            throw new Error(`zone ${zone} has not caught up within ${BOUND_MS / 1000} s`);
          yield* Effect.promise(() => pause(LOOK_EVERY_MS));
        }
      }),
    ),
  );
};
