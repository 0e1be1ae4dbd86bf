/** `mesh runs rm`: removes ended runs, log and intervals. All of them are looked at before the first is removed. */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { isOver } from "../../domain/run/state.ts";
import type { Server } from "../../ports/server.ts";
import { requestRemoval } from "../../roles/door/ask.ts";
import { findRun } from "../../roles/door/find-run.ts";
import { foldRun } from "../../roles/door/list-runs.ts";
import { actor } from "../actor.ts";
import { askServer, type Note, withRoot } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import type { PlaceFlags } from "../place.ts";

/** Returns the names of the removed runs. */
export const removeRuns = (
  asked: readonly string[],
  flags: PlaceFlags,
  note: Note,
): Promise<readonly string[]> =>
  askServer(flags, note, (server, place) =>
    Effect.gen(function* () {
      const runs = yield* removable(server, asked);
      const removals = Effect.forEach(runs, (run) => requestRemoval(server, run, actor(), requestId(run)));
      yield* withRoot(place, removals);
      return runs;
    }),
  );

const requestId = (run: string): string => `${run}-remove-${randomBytes(3).toString("hex")}`;

const removable = Effect.fnUntraced(function* (server: Server, asked: readonly string[]) {
  const runs = new Set(yield* Effect.forEach(asked, (one) => findRun(server, one)));
  const folds = yield* Effect.forEach(runs, (run) => foldRun(server, run));
  const open = folds.filter(({ state }) => !isOver(state)).map(({ row }) => row);
  if (open.length > 0)
    return yield* Effect.fail(stillOpen(open.map(({ run, state }) => `${run} (${state})`)));
  return [...runs];
});

const stillOpen = (runs: readonly string[]): Failure =>
  new Failure(
    exitCode.usage,
    "RunOpen",
    `still open, and not removed: ${runs.join(", ")}`,
    "wait for the end, or stop it first: mesh abort RUN --reason …",
  );
