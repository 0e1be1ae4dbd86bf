/**
 * The zone's own copies of what a run needs: agents know no server but their zone's. Bundles and data files are named by
 * their hash and copied once; the environment is copied per run and deleted with it.
 */
import * as Effect from "effect/Effect";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { dataFile, environmentOf } from "../object-names.ts";

interface Ends {
  readonly own: Server;
  readonly upper: Server;
  readonly options: { readonly zone: string };
}

/** Fetches what is not here yet; returns what is missing at the parent, in words. */
export const fetchObjects = (
  { own, upper, options }: Ends,
  run: string,
  plan: Plan,
): Asked<string | undefined> =>
  Effect.gen(function* () {
    const here = { asset: "zoneObjects", zone: options.zone } as const;
    const bundle = `bundle/${plan.bundle}`;
    if ((yield* own.objects.get(here, bundle)) === undefined) {
      const bytes = yield* upper.objects.get({ asset: "bundles", zone: "" }, plan.bundle);
      if (bytes === undefined)
        return `the bundle ${plan.bundle.slice(0, 12)} of ${plan.script} is not in the store; run the script again`;
      const map = yield* upper.objects.get({ asset: "bundles", zone: "" }, `${plan.bundle}.map`);
      if (map !== undefined) yield* own.objects.put(here, `${bundle}.map`, map);
      // The bundle last: where it is, its map is too.
      yield* own.objects.put(here, bundle, bytes);
    }
    for (const { name, sha256 } of plan.files ?? []) {
      if ((yield* own.objects.get(here, dataFile(sha256))) !== undefined) continue;
      const bytes = yield* upper.objects.get({ asset: "bundles", zone: "" }, dataFile(sha256));
      if (bytes === undefined) return `the data file ${name} is not in the store; run the script again`;
      yield* own.objects.put(here, dataFile(sha256), bytes);
    }
    if (plan.env.length === 0) return undefined;
    const environment = yield* upper.objects.get({ asset: "environments", zone: "" }, run);
    if (environment === undefined) return "the values of --env are not in the store; run the script again";
    yield* own.objects.put(here, environmentOf(run), environment);
    return undefined;
  });
