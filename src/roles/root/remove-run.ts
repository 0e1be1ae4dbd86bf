/**
 * Removes an ended run: its log, its intervals, its environment, and the data files that no other run has. The bundle
 * stays: it is small, and often the next run's.
 */
import * as Effect from "effect/Effect";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { dataFile } from "../object-names.ts";
import { readBody } from "../read-body.ts";

export const removeRun = Effect.fnUntraced(function* (server: Server, run: string) {
  const files = yield* filesOf(server, subjects.runEvent(run, "RunPlanned"));
  yield* server.admin.purge({ asset: "runEvents", zone: "" }, subjects.runLog(run));
  yield* server.admin.purge({ asset: "runIntervals", zone: "" }, subjects.runInterval(run));
  yield* server.objects.remove({ asset: "environments", zone: "" }, run).pipe(Effect.ignore);
  if (files.size === 0) return;
  const kept = yield* filesOf(server, patterns.runEventsOf("RunPlanned"));
  for (const sha256 of [...files].filter((file) => !kept.has(file))) {
    yield* server.objects.remove({ asset: "bundles", zone: "" }, dataFile(sha256)).pipe(Effect.ignore);
  }
});

/** SHA-256 of the data files of the runs whose plans these are. */
const filesOf = (server: Server, subject: string): Asked<ReadonlySet<string>> =>
  server.log.read({ asset: "runEvents", zone: "" }, [subject]).pipe(
    Effect.map((plans) => {
      const files = plans.flatMap((stored) => {
        const event = readBody("run event", stored, () => {});
        return event?.type === "RunPlanned" ? (event.plan.files ?? []) : [];
      });
      return new Set(files.map(({ sha256 }) => sha256));
    }),
  );
