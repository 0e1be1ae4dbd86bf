/**
 * The zone's own copies of what a run needs: agents know no server but their zone's. They come from the store of the
 * zone's link, where the parent put them before it told of the share. Bundles and data files are named by their hash, which
 * is looked at, and copied once; the environment is copied per run and deleted with it.
 */
import * as Effect from "effect/Effect";
import type { Plan } from "../../../streams/schema/plan.ts";
import { hasHash } from "../../domain/guard/bundle-hash.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { bundleOf, dataFile, environmentOf, sourceMapOf } from "../object-names.ts";

interface Ends {
  readonly own: Server;
  readonly upper: Server;
  readonly options: { readonly zone: string };
}

/** Fetches what is not here yet; returns what is missing at the parent, in words. */
export const fetchObjects = ({ own, upper, options }: Ends, run: string, plan: Plan) =>
  Effect.gen(function* () {
    const here = { asset: "zoneObjects", zone: options.zone } as const;
    const link = { asset: "linkObjects", zone: options.zone } as const;
    const copy = Effect.fnUntraced(function* (name: string, sha256?: string) {
      const bytes = yield* upper.objects.get(link, name);
      if (bytes === undefined || (sha256 !== undefined && !hasHash(bytes, sha256))) return false;
      yield* own.objects.put(here, name, bytes);
      return true;
    });
    const has = (name: string, sha256: string): Asked<boolean> =>
      Effect.flatMap(own.objects.has(here, name), (isHere) =>
        isHere ? Effect.succeed(true) : copy(name, sha256),
      );

    if (!(yield* own.objects.has(here, bundleOf(plan.bundle)))) {
      // The bundle last: where it is, its map is too.
      yield* copy(sourceMapOf(plan.bundle));
      if (!(yield* copy(bundleOf(plan.bundle), plan.bundle)))
        return missing(`the bundle ${plan.bundle.slice(0, 12)} of ${plan.script} is`);
    }
    for (const { name, sha256 } of plan.files ?? []) {
      if (!(yield* has(dataFile(sha256), sha256))) return missing(`the data file ${name} is`);
    }
    if (plan.env.length > 0 && !(yield* copy(environmentOf(run)))) return missing("the values of --env are");
    return undefined;
  });

const missing = (what: string): string => `${what} not in the store; run the script again`;
