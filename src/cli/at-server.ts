/**
 * Opens the server of a mesh for one command: that of `--nats`, or the embedded one, which is held for as long. A
 * command that asks for something brings a root along where the servers are its own: nobody else may be leading.
 */
import * as Effect from "effect/Effect";
import type { KeeperError } from "../keeper/keeper.ts";
import type { Server } from "../ports/server.ts";
import { openServer } from "../wiring.ts";
import { findPlace, type Place, type PlaceFlags, releasePlace } from "./place.ts";

export type Note = (line: string) => void;
type Use<A, E> = (server: Server) => Effect.Effect<A, E>;

/** Reads: needs no root. Rejects with what failed. */
export async function atServer<A, E>(flags: PlaceFlags, note: Note, use: Use<A, E>): Promise<A> {
  const place = await findPlace(flags, note);
  try {
    return await useServer(place, use);
  } finally {
    await releasePlace(place);
  }
}

/** Asks: without `--nats`, a root of this command stands by, and leads if no other does. */
export async function atRoot<A, E>(flags: PlaceFlags, note: Note, use: Use<A, E>): Promise<A> {
  const place = await findPlace(flags, note);
  if (place.keeper === undefined) return useServer(place, use);
  const { startEmbedded } = await import("./run/embedded.ts");
  const root = startEmbedded(place, [], 0, () => {});
  try {
    return await Promise.race([useServer(place, use), root.broken]);
  } finally {
    await root.stop();
    await releasePlace(place);
  }
}

/** Until `use` is done, or the servers are gone. */
function useServer<A, E>(place: Place, use: Use<A, E>): Promise<A> {
  const { url, credsFile, keeper } = place;
  const lost = Effect.promise((): Promise<KeeperError> => keeper?.lost ?? new Promise(() => {})).pipe(
    Effect.flatMap((error) => Effect.fail(error)),
  );
  const used = openServer({ url, credsFile, name: `door-${process.pid}` }).pipe(Effect.flatMap(use));
  return Effect.runPromise(Effect.raceFirst(Effect.scoped(used), lost));
}
