/** `mesh abort`: stops an open run in order – drained, torn down, summarised – with a reason that stands in its log. */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { isOver, type RunState } from "../../domain/run/state.ts";
import { findRun } from "../../roles/door/find-run.ts";
import { foldRun } from "../../roles/door/list-runs.ts";
import { stopRun } from "../../roles/door/stop-run.ts";
import { actor } from "../actor.ts";
import { askServer, type Note, withRoot } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import type { PlaceFlags } from "../place.ts";

export interface AbortFlags extends PlaceFlags {
  readonly reason: string;
}

export interface Aborted {
  readonly run: string;
  readonly state: RunState["phase"];
  readonly outcome: string | null;
  readonly exitCode: number | null;
  /** The cause that ended the run: this one, or another that came first. */
  readonly cause: RunState["cause"] | null;
}

export const abortRun = (asked: string, flags: AbortFlags, note: Note): Promise<Aborted> =>
  askServer(flags, note, (server, place) =>
    Effect.gen(function* () {
      const run = yield* findRun(server, asked);
      const { state } = yield* foldRun(server, run);
      if (isOver(state)) return yield* Effect.fail(isOverAlready(run, state));
      const stopped = stopRun(server, {
        run,
        actor: actor(),
        id: `${run}-stop-${randomBytes(3).toString("hex")}`,
        reason: flags.reason,
        onStopping: ({ message, by }) =>
          note(`run ${run} is stopping: ${message}${by === "" ? "" : ` (${by})`}`),
      });
      const { cause, phase, verdict } = yield* withRoot(place, stopped);
      return {
        run,
        state: phase,
        outcome: verdict?.outcome ?? null,
        exitCode: verdict?.exitCode ?? null,
        cause: cause ?? null,
      };
    }),
  );

function isOverAlready(run: string, { phase, verdict }: RunState): Failure {
  const how = verdict === undefined ? phase : `${verdict.outcome}, exit ${verdict.exitCode}`;
  return new Failure(
    exitCode.usage,
    "RunOver",
    `run ${run} is over: ${how}`,
    `mesh events ${run} shows its log`,
  );
}

export const abortedText = ({ exitCode: exit, outcome, run, state }: Aborted): string =>
  outcome === null
    ? `run ${run} is ${state} and ends by itself; see mesh events ${run} --follow\n`
    : `run ${run} ended: ${outcome} (exit ${exit})\n`;
