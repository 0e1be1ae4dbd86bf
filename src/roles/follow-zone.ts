/**
 * The link of one zone, as the node above has it, root or a zone: its streams there, the durable it pulls, and the reading
 * of what its forwarder delivers. It goes on through every failure where it stopped: a message is handed over once and none is left out.
 */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { assets } from "../../streams/assets.ts";
import type { ZoneEvent } from "../../streams/events/zone.ts";
import type { Origin } from "../../streams/schema/cause.ts";
import { parseSubject, patterns, subjects } from "../../streams/subjects.ts";
import { type Asked, type Server, ServerError, type Stored } from "../ports/server.ts";
import { readWord } from "./from-below.ts";
import { openLink } from "./open-link.ts";

/** Between two attempts to follow a zone. */
const FOLLOW_AGAIN_EVERY = "500 millis";

export type FromZone =
  | { readonly type: "Fact"; readonly zone: string; readonly event: ZoneEvent; readonly origin: Origin }
  | { readonly type: "Interval"; readonly zone: string; readonly run: string; readonly frame: Uint8Array };

type Lane = "upEvents" | "upIntervals";

const subjectsOf = {
  upEvents: patterns.zoneUpEvents,
  upIntervals: patterns.zoneUpIntervals,
} as const satisfies Record<Lane, unknown>;

export interface ZoneLink {
  readonly server: Server;
  readonly zone: string;
  /** Whether an open run may still miss what the zone said before. */
  readonly fromStart: () => boolean;
  /** Facts that belong to no run, and so are looked for in what came while nobody followed: from which sequence on. */
  readonly missed: { readonly types: readonly ZoneEvent["type"][]; readonly after: () => number };
  readonly note: (line: string) => void;
  readonly handle: (message: FromZone) => Effect.Effect<void>;
}

/** Sets up a zone's link and follows what comes up it, for ever. */
export function followZone(link: ZoneLink): Effect.Effect<never> {
  const { server, zone } = link;
  /** The sequence to go on from, by lane. */
  const next = new Map<Lane, number>();
  /** The failure that was told last; one that lasts is told once. */
  let told = "";
  const passed = (lane: Lane, sequence: number): void => {
    next.set(lane, sequence + 1);
    told = "";
  };
  const start = Effect.fnUntraced(function* (lane: Lane) {
    const from = next.get(lane) ?? (yield* beginning(link, lane));
    next.set(lane, from);
    return from;
  });
  const follow = (lane: Lane) =>
    Effect.flatMap(start(lane), (from) =>
      server.log.follow({ asset: lane, zone }, [subjectsOf[lane](zone)], from, (stored) =>
        Effect.map(handOver(link, lane, stored), () => passed(lane, stored.sequence)),
      ),
    );
  return Effect.gen(function* () {
    yield* openLink(server, zone);
    // Before what was missed is read: a fact that comes in between would be in neither.
    yield* start("upEvents");
    yield* catchUp(link);
    return yield* Effect.raceFirst(follow("upEvents"), follow("upIntervals"));
  }).pipe(
    Effect.catchDefect((defect) => Effect.fail(broken(zone, defect))),
    Effect.tapError(({ message }) =>
      Effect.sync(() => {
        if (message !== told) link.note(message);
        told = message;
      }),
    ),
    Effect.retry(Schedule.spaced(FOLLOW_AGAIN_EVERY)),
    Effect.orDie, // the schedule never ends, so no failure comes this far
  );
}

/** Facts that came while nobody followed; whatever is followed from here on may come again. */
const catchUp = Effect.fnUntraced(function* (link: ZoneLink) {
  const { missed, server, zone } = link;
  const types = missed.types.map((type) => subjects.zoneUpEvent(zone, type));
  const facts = yield* server.log.read({ asset: "upEvents", zone }, types, missed.after() + 1);
  yield* Effect.forEach(facts, (stored) => handOver(link, "upEvents", stored), { discard: true });
});

const broken = (zone: string, defect: unknown): ServerError =>
  new ServerError({
    operation: "follow",
    address: `zone ${zone}`,
    reason: "unavailable",
    detail: defect instanceof Error ? defect.message : String(defect),
  });

/** Old facts matter only to runs that are still open. */
const beginning = ({ server, zone, fromStart }: ZoneLink, lane: Lane): Asked<number> =>
  server.log
    .last({ asset: lane, zone }, subjectsOf[lane](zone))
    // Asked last: while the link was being set up, a run may have been given to this zone.
    .pipe(Effect.map((last) => (fromStart() ? 1 : (last?.sequence ?? 0) + 1)));

function handOver({ zone, note, handle }: ZoneLink, lane: Lane, stored: Stored): Effect.Effect<void> {
  const { sequence, subject, envelope, data } = stored;
  if (lane === "upIntervals") {
    return handle({ type: "Interval", zone, run: parseSubject(subject)?.run ?? "", frame: data });
  }
  const event = readWord("zone event", stored, (line) => note(`zone ${zone}, sequence ${sequence}: ${line}`));
  if (event === undefined) return Effect.void;
  const origin = { stream: assets.upEvents.name(zone), sequence: firstSequence(stored), id: envelope.id };
  return handle({ type: "Fact", zone, event, origin });
}

/**
 * Where a fact stands in the zone's own log. A forwarder that finds nothing here any more, because all of it has expired,
 * copies that log from its beginning: under new sequences of this stream, but still with these. Without gaps there, none
 * of these is above the other one.
 */
const firstSequence = ({ envelope, sequence }: Stored): number =>
  Math.min(sequence, isSequence(envelope.sequence) ? envelope.sequence : sequence);

const isSequence = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value > 0;
