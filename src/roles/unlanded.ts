/**
 * Which runs have a verdict and should be in ClickHouse, and are not, or not as their report now stands. Asks for
 * subjects by type and reads one event of a run at most; no log is read.
 */
import * as Effect from "effect/Effect";
import { parseSubject, patterns, subjects } from "../../streams/subjects.ts";
import type { Asked, Server } from "../ports/server.ts";
import { readBody } from "./read-body.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;

export const unlandedRuns = (server: Server): Asked<readonly string[]> =>
  Effect.gen(function* () {
    const judged = yield* runsWith(server, "VerdictGiven");
    const landed = new Set(yield* runsWith(server, "HistoryLanded"));
    const revised = new Set(yield* runsWith(server, "ReportRevised"));
    const waiting = yield* Effect.filter(judged, (run) => {
      if (!landed.has(run)) return wantsHistory(server, run);
      return revised.has(run) ? isRevisedSince(server, run) : Effect.succeed(false);
    });
    return waiting.toSorted();
  });

const runsWith = (server: Server, type: string): Asked<readonly string[]> =>
  server.admin.subjects(RUN_EVENTS, patterns.runEventsOf(type)).pipe(
    Effect.map((found) => found.flatMap((subject) => parseSubject(subject)?.run ?? [])),
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.succeed([]),
    ),
  );

/** Its plan may say that it does not; of a run that was refused, or whose plan cannot be read, nothing lands. */
const wantsHistory = Effect.fnUntraced(function* (server: Server, run: string) {
  const planned = yield* server.log.last(RUN_EVENTS, subjects.runEvent(run, "RunPlanned"));
  const event = planned && readBody("run event", planned, () => {});
  return event?.type === "RunPlanned" && event.plan.history !== false;
});

const isRevisedSince = Effect.fnUntraced(function* (server: Server, run: string) {
  const last = (type: string) => server.log.last(RUN_EVENTS, subjects.runEvent(run, type));
  const [revised, landed] = [yield* last("ReportRevised"), yield* last("HistoryLanded")];
  return (revised?.sequence ?? 0) > (landed?.sequence ?? 0);
});
