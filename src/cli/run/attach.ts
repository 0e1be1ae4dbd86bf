/**
 * `mesh attach`: follows a run that somebody else asked for, and tells its end as `mesh run` does. It decides nothing, and
 * leaving changes nothing: the run goes on.
 */
import * as Effect from "effect/Effect";
import { findRun } from "../../roles/door/find-run.ts";
import { followRun, type View } from "../../roles/door/follow-run.ts";
import { foldRun } from "../../roles/door/list-runs.ts";
import { isOver } from "../../domain/run/state.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import { atServer } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { openLiveView } from "../live/live-view.ts";
import { followAll, type Reporters } from "../report/reporters.ts";
import { type ReportFlags, reportersOf } from "./reporters-of.ts";

export interface AttachFlags extends Omit<ReportFlags, "script"> {
  /** For people, on stdout. */
  readonly print: (text: string) => void;
  /** Called once the reporters are chosen: whether stdout is one JSON document. */
  readonly onChosen: (isJson: boolean) => void;
}

/** Resolves with the run's own exit code when it is over. */
export async function attachTo(asked: string, flags: AttachFlags): Promise<number> {
  const stopWatching = leaveOnInterrupt();
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    return await atServer(flags, tell, (server) =>
      Effect.gen(function* () {
        const run = yield* findRun(server, asked);
        const { state } = yield* foldRun(server, run);
        const live = openLiveView(run, process.stderr);
        const script = state.plan?.script ?? run;
        const reporters = reportersOf({ ...flags, script }, { note: live.note, print: flags.print });
        flags.onChosen(reporters.isJson);
        const watches = reporters.hasProgress && !isOver(state);
        const followers = followAll([watches ? live : {}, reporters.follower]);
        const view = yield* followRun(server, run, followers).pipe(Effect.ensuring(Effect.sync(live.close)));
        return yield* Effect.try({
          try: () => conclude(run, view, reporters),
          catch: (error) => error as Error,
        });
      }),
    );
  } finally {
    stopWatching();
  }
}

function conclude(run: string, { state }: View, reporters: Reporters): number {
  if (state.phase === "refused") {
    throw new Failure(
      exitCode.scriptInvalid,
      "PlanInvalid",
      `run ${run} was refused`,
      `mesh events ${run} says why`,
    );
  }
  reporters.end(state.summary?.document as SummaryDocument | undefined, false);
  return state.verdict?.exitCode ?? exitCode.defect;
}

/** Whoever only watches may go at any time; nothing needs to be put away. */
function leaveOnInterrupt(): () => void {
  const leave = () => process.exit(exitCode.interrupted);
  const hangUp = () => process.exit(exitCode.hungUp);
  process.once("SIGINT", leave).once("SIGTERM", leave).once("SIGHUP", hangUp);
  return () => void process.off("SIGINT", leave).off("SIGTERM", leave).off("SIGHUP", hangUp);
}
