/**
 * How a node hears the zones below it, root or a zone: their heartbeats, of which the first sets up a zone's link and has it
 * followed. What follows from what they say is the node's own affair.
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Beat } from "../../streams/messages/live.ts";
import type { AssetRef, Server, ServerError, Stored } from "../ports/server.ts";
import { passOver } from "./from-below.ts";
import { HEARD_WITHIN_MS, type HeardZones } from "./heard-zones.ts";
import { beatReader, type Heartbeat } from "./read-beat.ts";

export interface ZonesBelow {
  readonly server: Server;
  /** Where their last words are, and on which subjects. */
  readonly where: AssetRef;
  readonly pattern: string;
  readonly zones: HeardZones;
  /** The server's time, µs: when a word was said is never for its sender to say. */
  readonly now: () => number;
  readonly note: (line: string) => void;
  /** Whether one that says this is the node's own affair. */
  readonly isOwn: (beat: Beat) => boolean;
  readonly follow: (zone: string) => Effect.Effect<never>;
  /** Those that are followed from the start, whether they are heard or not. */
  readonly named: readonly string[];
  /** What a zone of this protocol says; `at` by the server's time, µs. */
  readonly onBeat: (beat: Beat, at: number) => Effect.Effect<void>;
}

/** Hears them for ever, and follows each from the first time it is heard; those that are named, at once. */
export const hearZonesBelow = (below: ZonesBelow): Effect.Effect<never, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { follow, named, note, now, pattern, server, where } = below;
    const scope = yield* Effect.scope;
    const read = beatReader(note);
    const followed = new Set<string>();
    const followOnce = (zone: string): Effect.Effect<void> => {
      if (followed.has(zone)) return Effect.void;
      followed.add(zone);
      return follow(zone).pipe(Effect.forkIn(scope), Effect.asVoid);
    };
    const hear = (said: Heartbeat, at: number) =>
      Effect.suspend(() => hearBeat(below, read(said), at, followOnce)).pipe(
        passOver(`a heartbeat on ${said.subject}`, note),
      );
    // What they have said may be all that there will be: a zone may have been switched off since.
    yield* Effect.forEach(named, followOnce, { discard: true });
    // What was said just before this node began to listen counts, too: nobody waits for the next heartbeat.
    const past = yield* server.log.read(where, [pattern]);
    const isFresh = ({ at }: Stored) => now() - at < HEARD_WITHIN_MS * 1000;
    yield* Effect.forEach(past.filter(isFresh), (said) => hear(said, said.at), { discard: true });
    return yield* server.live.hear(pattern, (said) => hear(said, now()));
  });

const hearBeat = Effect.fnUntraced(function* (
  { isOwn, note, onBeat, zones }: ZonesBelow,
  beat: Beat | undefined,
  at: number,
  followOnce: (zone: string) => Effect.Effect<void>,
) {
  if (beat === undefined || !isOwn(beat)) return;
  const heard = zones.hear(beat);
  if (heard === "refused") note(`zone ${beat.node} speaks protocol ${beat.protocol}; it is not used`);
  if (heard === "refused" || heard === "ignored") return;
  if (heard === "new") yield* followOnce(beat.node);
  yield* onBeat(beat, at);
});
