/**
 * Before an answer: runs that have a verdict and are not in ClickHouse yet land, by a root that this command brings along
 * where the servers are its own. Bounded: what does not land in time is said, and the answer comes without it.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { Server, ServerError } from "../../ports/server.ts";
import { unlandedRuns } from "../../roles/unlanded.ts";
import { type Note, withRoot } from "../at-server.ts";
import type { Place } from "../place.ts";

const WAIT_MS = 20_000;
/** A mesh that is somebody else's lands its runs within moments, or not now. */
const WAIT_FOR_OTHERS_MS = 3000;
const LOOK_EVERY = "100 millis";

const LATER = /^\[root\] history lands later: (.*)$/;

export const landLeftovers = (
  server: Server,
  place: Place,
  note: Note,
): Effect.Effect<void, ServerError | Error> =>
  Effect.gen(function* () {
    const left = yield* unlandedRuns(server);
    if (left.length === 0) return;
    const refused = yield* Deferred.make<string>();
    const hear = (line: string): void => {
      const reason = LATER.exec(line)?.[1];
      if (reason !== undefined) Effect.runSync(Deferred.succeed(refused, reason));
    };
    const waitMs = place.keeper === undefined ? WAIT_FOR_OTHERS_MS : WAIT_MS;
    const reason = yield* withRoot(
      place,
      Effect.raceAllFirst([
        Deferred.await(refused),
        untilLanded(server),
        Effect.succeed(`it took longer than ${waitMs / 1000} s`).pipe(Effect.delay(waitMs)),
      ]),
      hear,
      ["--land-now"],
    );
    if (reason !== "") note(missing((yield* unlandedRuns(server)).length, reason));
  });

/** An empty reason: nothing is missing. */
const untilLanded = (server: Server): Effect.Effect<"", ServerError> =>
  unlandedRuns(server).pipe(
    Effect.delay(LOOK_EVERY),
    Effect.repeat({ until: (left) => left.length === 0 }),
    Effect.as("" as const),
  );

const missing = (runs: number, reason: string): string =>
  `${runs === 1 ? "one run is" : `${runs} runs are`} not in this answer, and will land later: ${reason}`;
