/**
 * The zones that root hears: when each was heard last, by root's own monotonic clock, and the link of each – its
 * streams at the hub, the durable it pulls, and root's reading of what its forwarder delivers.
 */
import * as Effect from "effect/Effect";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Beat } from "../../../streams/messages/live.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import { parseSubject, patterns } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { assets } from "../../../streams/assets.ts";
import { decodeBody } from "../../domain/log/codec.ts";
import type { Server, ServerError } from "../../ports/server.ts";
import { HEARD_WITHIN_MS } from "./limits.ts";

export type FromZone =
  | { readonly type: "Fact"; readonly zone: string; readonly event: ZoneEvent; readonly origin: Origin }
  | { readonly type: "Interval"; readonly zone: string; readonly run: string; readonly frame: Uint8Array };

interface Heard {
  readonly beat: Beat;
  readonly atMs: number;
}

export class Zones {
  readonly #heard = new Map<string, Heard>();
  readonly #refused = new Set<string>();

  /** Notes a heartbeat; true when the zone was not known before and its link must be set up. */
  hear(beat: Beat): "new" | "known" | "refused" {
    if (beat.protocol !== PROTOCOL) {
      const first = !this.#refused.has(beat.node);
      this.#refused.add(beat.node);
      return first ? "refused" : "known";
    }
    const known = this.#heard.has(beat.node);
    this.#heard.set(beat.node, { beat, atMs: performance.now() });
    return known ? "known" : "new";
  }

  heard(): readonly string[] {
    return [...this.#heard.keys()].filter((zone) => this.silentMs(zone) < HEARD_WITHIN_MS).sort();
  }

  silentMs(zone: string): number {
    return performance.now() - (this.#heard.get(zone)?.atMs ?? this.#since);
  }

  /** A zone that was never heard counts from when this root began to listen. */
  readonly #since = performance.now();
}

/** Sets up a zone's link and follows what comes up it, for ever. */
export const followZone = (
  server: Server,
  zone: string,
  fromStart: boolean,
  handle: (message: FromZone) => Effect.Effect<void>,
): Effect.Effect<never, ServerError> =>
  Effect.gen(function* () {
    yield* server.admin.provision("link", zone);
    yield* server.admin.durable("zone", zone, "");
    const events = followEvents(server, zone, yield* position(server, zone, "upEvents", fromStart), handle);
    const intervals = followIntervals(
      server,
      zone,
      yield* position(server, zone, "upIntervals", fromStart),
      handle,
    );
    return yield* Effect.raceFirst(events, intervals);
  });

/** Old facts matter only to runs that are still open. */
const position = (server: Server, zone: string, asset: "upEvents" | "upIntervals", fromStart: boolean) =>
  fromStart
    ? Effect.succeed(1)
    : server.log
        .last(
          { asset, zone },
          asset === "upEvents" ? patterns.zoneUpEvents(zone) : patterns.zoneUpIntervals(zone),
        )
        .pipe(Effect.map((last) => (last?.sequence ?? 0) + 1));

const followEvents = (
  server: Server,
  zone: string,
  from: number,
  handle: (message: FromZone) => Effect.Effect<void>,
) =>
  server.log.follow({ asset: "upEvents", zone }, [patterns.zoneUpEvents(zone)], from, (stored) => {
    const event = decodeBody("zone event", stored.envelope, stored.data);
    const origin = { stream: assets.upEvents.name(zone), sequence: stored.sequence, id: stored.envelope.id };
    return handle({ type: "Fact", zone, event, origin });
  });

const followIntervals = (
  server: Server,
  zone: string,
  from: number,
  handle: (message: FromZone) => Effect.Effect<void>,
) =>
  server.log.follow({ asset: "upIntervals", zone }, [patterns.zoneUpIntervals(zone)], from, (stored) => {
    const run = parseSubject(stored.subject)?.run ?? "";
    return handle({ type: "Interval", zone, run, frame: stored.data });
  });
