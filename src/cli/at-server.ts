/**
 * Opens the server of a mesh for one command: that of `--nats`, or the embedded one, which is held for as long. A
 * command that asks root for something needs a door's login there, and brings a root along where the servers are its own:
 * nobody else may be leading.
 */
import * as Effect from "effect/Effect";
import type { Server } from "../ports/server.ts";
import { openServer } from "../wiring.ts";
import { checkDoor } from "./credentials.ts";
import { findPlace, type Place, type PlaceFlags, reach } from "./place.ts";

export type Note = (line: string) => void;

type Use<A, E> = (server: Server, place: Place) => Effect.Effect<A, E>;

/** For a command that only reads. Until `use` is done, or the embedded servers are gone. Rejects with what failed. */
export const atServer = <A, E>(flags: PlaceFlags, note: Note, use: Use<A, E>): Promise<A> =>
  opened("read", flags, note, use);

/** For a command that asks root for something. */
export const askServer = <A, E>(flags: PlaceFlags, note: Note, use: Use<A, E>): Promise<A> =>
  opened("ask", flags, note, use);

async function opened<A, E>(does: "ask" | "read", flags: PlaceFlags, note: Note, use: Use<A, E>): Promise<A> {
  const place = await findPlace(flags, note);
  if (place.keeper === undefined) checkDoor(place.credsFile, does);
  const { keeper } = place;
  const lost = Effect.promise(() => place.lost).pipe(Effect.flatMap((error) => Effect.fail(error)));
  const open = openServer({ ...reach(place), name: `door-${process.pid}` });
  const used = Effect.scoped(Effect.flatMap(open, (server) => use(server, place)));
  try {
    return await Effect.runPromise(Effect.raceFirst(used, lost));
  } finally {
    await keeper?.release();
  }
}

/** Without `--nats` a root of this command stands by while `asked` waits for an answer, and leads if no other does. */
export const withRoot = <A, E>(
  place: Place,
  asked: Effect.Effect<A, E>,
  hear: Note = () => {},
  rootFlags: readonly string[] = [],
): Effect.Effect<A, E | Error> =>
  place.keeper === undefined
    ? asked
    : Effect.acquireUseRelease(
        Effect.promise(async () => {
          const { startEmbedded } = await import("./run/embedded.ts");
          return startEmbedded(place, [], 0, hear, rootFlags);
        }),
        ({ broken }) =>
          Effect.raceFirst(asked, Effect.tryPromise({ try: () => broken, catch: (error) => error as Error })),
        (root) => Effect.promise(() => root.stop()),
      );
