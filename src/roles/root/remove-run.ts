/**
 * Removes an ended run: its log, its intervals, its environment, and the data files that no other run has, also where
 * they were copied for its zones. The bundle stays: it is small, and often the next run's.
 */
import * as Effect from "effect/Effect";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Asked, AssetRef, Server } from "../../ports/server.ts";
import { eraseValues } from "../erase-values.ts";
import { dataFile } from "../object-names.ts";
import { readBody } from "../read-body.ts";

export const removeRun = Effect.fnUntraced(function* (server: Server, run: string) {
  const { files, zones } = yield* plansOn(server, subjects.runEvent(run, "RunPlanned"));
  yield* server.admin.purge({ asset: "runEvents", zone: "" }, subjects.runLog(run));
  yield* server.admin.purge({ asset: "runIntervals", zone: "" }, subjects.runInterval(run));
  yield* eraseValues(server, run, [...zones]);
  if (files.size === 0) return;
  const kept = yield* plansOn(server, patterns.runEventsOf("RunPlanned"));
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

/** What the runs have whose plans these are. */
const plansOn = (server: Server, subject: string): Asked<Planned> =>
  server.log.read({ asset: "runEvents", zone: "" }, [subject]).pipe(
    Effect.map((stored) => {
      const plans = stored.flatMap((each) => {
        const event = readBody("run event", each, () => {});
        return event?.type === "RunPlanned" ? [event.plan] : [];
      });
      return {
        files: new Set(plans.flatMap(({ files = [] }) => files.map(({ sha256 }) => sha256))),
        zones: new Set(plans.flatMap(({ zones }) => zones.map(({ zone }) => zone))),
      };
    }),
  );
