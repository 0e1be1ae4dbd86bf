/** `mesh runs rm`: removes ended runs, log and intervals. All of them are looked at before the first is removed. */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { isOver } from "../../domain/run/state.ts";
import type { Server } from "../../ports/server.ts";
import { requestRemoval } from "../../roles/door/ask.ts";
import { findRun } from "../../roles/door/find-run.ts";
import { foldRun } from "../../roles/door/list-runs.ts";
import { actor } from "../actor.ts";
import { atRoot, atServer, type Note } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import type { PlaceFlags } from "../place.ts";

/** Returns the names of the removed runs. */
export async function removeRuns(
  asked: readonly string[],
  flags: PlaceFlags,
  note: Note,
): Promise<readonly string[]> {
  const runs = await atServer(flags, note, (server) => removable(server, asked));
  await atRoot(flags, note, (server) =>
    Effect.forEach(runs, (run) => requestRemoval(server, run, actor(), requestId(run)), { discard: true }),
  );
  return runs;
}

const requestId = (run: string): string => `${run}-remove-${randomBytes(3).toString("hex")}`;

const removable = (server: Server, asked: readonly string[]) =>
  Effect.gen(function* () {
    const runs = yield* Effect.forEach(asked, (one) => findRun(server, one));
    const folds = yield* Effect.forEach(runs, (run) => foldRun(server, run));
    const open = folds.map(({ row }) => row).filter((_, index) => !isOver(folds[index]?.state ?? EMPTY));
    if (open.length > 0)
      return yield* Effect.fail(stillOpen(open.map(({ run, state }) => `${run} is ${state}`)));
    return [...new Set(runs)];
  });
