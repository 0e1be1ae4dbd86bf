/**
 * Takes the values of a run off the disk: the hub's object, the copies for the links of its zones, and the zones' own where
 * the same server holds them. A zone with a server of its own erases its copy itself when it is told to forget the run.
 */
import * as Effect from "effect/Effect";
import type { Plan } from "../../streams/schema/plan.ts";
import type { AssetRef, Server } from "../ports/server.ts";
import { environmentOf } from "./object-names.ts";

/** A server that does not answer must not hold up a verdict, nor the end of a command. */
const ERASE_WITHIN = "2 seconds";

/** What kept it from being certain, in words; undefined: nothing is left. Erasing again does no harm. */
export const eraseValues = (
  server: Server,
  run: string,
  zones: readonly string[],
): Effect.Effect<string | undefined> => {
  const hub = { where: { asset: "environments", zone: "" }, name: run } as const;
  const copies = zones.flatMap((zone) =>
    (["linkObjects", "zoneObjects"] as const).map((asset) => ({
      where: { asset, zone },
      name: environmentOf(run),
    })),
  );
  return Effect.forEach([hub, ...copies], ({ where, name }) => erase(server, where, name), {
    concurrency: "unbounded",
  }).pipe(Effect.map((problems) => problems.find((problem) => problem !== undefined)));
};

/** Where there is no such store, there is no copy. */
const erase = ({ objects }: Server, where: AssetRef, name: string): Effect.Effect<string | undefined> =>
  objects.remove(where, name).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.void,
    ),
    Effect.timeout(ERASE_WITHIN),
    Effect.match({ onSuccess: () => undefined, onFailure: ({ message }) => message }),
  );

/** Without a plan nobody knows: it was refused after its values had been stored. */
export const mayHaveValues = (plan: Plan | undefined): boolean => plan === undefined || plan.env.length > 0;
