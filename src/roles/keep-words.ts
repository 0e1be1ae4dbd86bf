/**
 * A stream in memory is gone when its server was started again: whoever owns it makes it anew, however often. Until then
 * live words reach whoever listens, but nobody can look them up, nor measure a clock by them.
 */
import * as Effect from "effect/Effect";
import type { Asked, AssetRef, Server } from "../ports/server.ts";
import { openLink } from "./open-link.ts";

const LOOK_EVERY = "2 seconds";

/** Looks for ever whether the last word on a subject can be read. A server that is away for now is asked again. */
export const keepWords = (
  { log }: Server,
  where: AssetRef,
  subject: string,
  provision: Asked<void>,
): Effect.Effect<never> =>
  log.last(where, subject).pipe(
    Effect.catch(() => provision),
    Effect.ignore,
    Effect.delay(LOOK_EVERY),
    Effect.forever,
  );

/** What a node keeps in memory at its own server, and for the zones below that it knows: their links have some, too. */
export const ownAndLinks = (server: Server, own: Asked<void>, zones: () => readonly string[]): Asked<void> =>
  Effect.suspend(() =>
    Effect.andThen(
      own,
      Effect.forEach(zones(), (zone) => openLink(server, zone), { discard: true }),
    ),
  );
