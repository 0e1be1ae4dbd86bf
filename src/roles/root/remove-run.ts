/**
 * Removes an ended run: its intervals, its environment, the data files that no other run has, also where they were copied
 * for its zones, and its log last of all: a root that takes over in between finds in its plan what is left to be removed.
 * The bundle stays: it is small, and often the next run's.
 */
import * as Effect from "effect/Effect";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Asked, AssetRef, Server } from "../../ports/server.ts";
import { eraseValues } from "../erase-values.ts";
import { dataFile } from "../object-names.ts";
import { readBody } from "../read-body.ts";

export const removeRun = Effect.fnUntraced(function* (server: Server, run: string) {
  const planned = subjects.runEvent(run, "RunPlanned");
  const { files, zones } = yield* plansOn(server, planned);
  yield* server.admin.purge({ asset: "runIntervals", zone: "" }, subjects.runInterval(run));
  yield* eraseValues(server, run, [...zones]);
  if (files.size > 0) yield* removeFiles(server, { files, zones }, planned);
  yield* server.admin.purge({ asset: "runEvents", zone: "" }, subjects.runLog(run));
});

/** Files that no plan has but the one that lies under this subject. */
const removeFiles = Effect.fnUntraced(function* (server: Server, { files, zones }: Planned, planned: string) {
  const kept = yield* plansOn(server, patterns.runEventsOf("RunPlanned"), planned);
  const stores: readonly AssetRef[] = [
    { asset: "bundles", zone: "" },
    ...[...zones].map((zone) => ({ asset: "linkObjects", zone }) as const),
  ];
  for (const sha256 of [...files].filter((file) => !kept.files.has(file))) {
    for (const store of stores) yield* server.objects.remove(store, dataFile(sha256)).pipe(Effect.ignore);
  }
});

/** The script that a run was of, as far as its log can tell. */
export const scriptOf = (server: Server, run: string): Asked<string | undefined> =>
  server.log.last({ asset: "runEvents", zone: "" }, subjects.runEvent(run, "RunPlanned")).pipe(
    Effect.map((planned) => {
      const event = planned && readBody("run event", planned, () => {});
      return event?.type === "RunPlanned" ? event.plan.script : undefined;
    }),
  );

interface Planned {
  /** SHA-256 of the data files. */
  readonly files: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
}

/** What the runs have whose plans these are, but for the one under this subject. */
const plansOn = (server: Server, on: string, except?: string): Asked<Planned> =>
  server.log.read({ asset: "runEvents", zone: "" }, [on]).pipe(
    Effect.map((stored) => {
      const plans = stored.flatMap((each) => {
        if (each.subject === except) return [];
        const event = readBody("run event", each, () => {});
        return event?.type === "RunPlanned" ? [event.plan] : [];
      });
      return {
        files: new Set(plans.flatMap(({ files = [] }) => files.map(({ sha256 }) => sha256))),
        zones: new Set(plans.flatMap(({ zones }) => zones.map(({ zone }) => zone))),
      };
    }),
  );
