/**
 * What a parent puts into the link stores of its zones before it tells them of their shares: bundle, data files and the
 * values of the run. A zone reads no other store above it, so none can read what was not meant for it.
 */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Plan } from "../../streams/schema/plan.ts";
import { hasHash } from "../domain/guard/bundle-hash.ts";
import type { Asked, AssetRef, Server } from "../ports/server.ts";
import { bundleOf, dataFile, environmentOf, sourceMapOf } from "./object-names.ts";

/** An object of the parent, and its name in a link store. */
interface Item {
  readonly where: AssetRef;
  readonly name: string;
  readonly to: string;
  /** Of its bytes, where its name says that. */
  readonly sha256?: string;
}

/** Objects that belong together; where the last one is, the others are, too. */
type Group = readonly Item[];

/** Data files may be large, and each is in memory while it is copied. */
const AT_ONCE = 4;
const TRIES = { times: 3, schedule: Schedule.spaced("250 millis") };

/** What a run needs, as the hub keeps it. */
export function hubObjects(run: string, { bundle, env, files = [] }: Plan): readonly Group[] {
  const bundles = { asset: "bundles", zone: "" } as const;
  const environments = { asset: "environments", zone: "" } as const;
  const values: Group = [{ where: environments, name: run, to: environmentOf(run) }];
  return [
    [
      { where: bundles, name: `${bundle}.map`, to: sourceMapOf(bundle) },
      { where: bundles, name: bundle, to: bundleOf(bundle), sha256: bundle },
    ],
    ...(env.length === 0 ? [] : [values]),
    ...files.map(({ sha256 }) => [{ where: bundles, name: dataFile(sha256), to: dataFile(sha256), sha256 }]),
  ];
}

/** What a run needs, as a zone keeps it for its agents. */
export function zoneObjects(zone: string, run: string, { bundle, env, files = [] }: Plan): readonly Group[] {
  const where = { asset: "zoneObjects", zone } as const;
  const item = (name: string): Item => ({ where, name, to: name });
  return [
    [item(sourceMapOf(bundle)), { ...item(bundleOf(bundle)), sha256: bundle }],
    ...(env.length === 0 ? [] : [[item(environmentOf(run))]]),
    ...files.map(({ sha256 }) => [{ ...item(dataFile(sha256)), sha256 }]),
  ];
}

/**
 * Copies what is not there yet. What the parent has not itself, or has as something else than its hash says, its zones will
 * miss and say so: once copied it would lie there for days, and what is stored anew above would never be.
 */
export const fillLinks = (server: Server, groups: readonly Group[], zones: readonly string[]): Asked<void> =>
  Effect.forEach(groups, (group) => Effect.retry(fill(server, group, zones), TRIES), {
    discard: true,
    concurrency: AT_ONCE,
  });

const fill = Effect.fnUntraced(function* ({ objects }: Server, group: Group, zones: readonly string[]) {
  const mark = group.at(-1)?.to ?? "";
  const links = zones.map((zone) => ({ asset: "linkObjects", zone }) as const);
  const has = yield* Effect.forEach(links, (link) => objects.has(link, mark), { concurrency: "unbounded" });
  const lacking = links.filter((_, index) => has[index] === false);
  if (lacking.length === 0) return;
  for (const { where, name, sha256, to } of group) {
    const bytes = yield* objects.get(where, name);
    if (bytes === undefined || (sha256 !== undefined && !hasHash(bytes, sha256))) continue;
    yield* Effect.forEach(lacking, (link) => objects.put(link, to, bytes), {
      discard: true,
      concurrency: "unbounded",
    });
  }
});
