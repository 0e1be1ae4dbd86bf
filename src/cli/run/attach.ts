/**
 * `mesh attach`: follows a run that somebody else asked for, and tells its end as `mesh run` does. It decides nothing, and
 * leaving changes nothing: the run goes on.
 */
import * as Effect from "effect/Effect";
import { findRun } from "../../roles/door/find-run.ts";
import { followRun, type View } from "../../roles/door/follow-run.ts";
import { foldRun } from "../../roles/door/list-runs.ts";
import { printableLines } from "../../domain/printable.ts";
import { isOver } from "../../domain/run/state.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import type { Server } from "../../ports/server.ts";
import { atServer, withRoot } from "../at-server.ts";
import { exitCode } from "../exit-codes.ts";
import { openLiveView } from "../live/live-view.ts";
import { followAll, type Reporters } from "../report/reporters.ts";
import { problemsFailure } from "./problems-failure.ts";
import { type ReportFlags, reportersOf } from "./reporters-of.ts";

export interface AttachFlags extends Omit<ReportFlags, "script" | "history"> {
  /** For people, on stdout. */
  readonly print: (text: string) => void;
  /** Called once the reporters are chosen: whether stdout is one JSON document. */
  readonly onChosen: (isJson: boolean) => void;
}

/** Resolves with the run's own exit code when it is over. */
export async function attachTo(asked: string, flags: AttachFlags): Promise<number> {
  const stopWatching = leaveOnInterrupt();
  const tell = (line: string): void => void process.stderr.write(`${printableLines(line)}\n`);
  try {
    return await atServer(flags, tell, (server, place) =>
      Effect.gen(function* () {
        const run = yield* findRun(server, asked);
        const { state } = yield* foldRun(server, run);
        const live = openLiveView(run, process.stderr);
        const [script, history] = [state.plan?.script ?? run, state.plan?.history !== false];
        const streams = { note: live.note, print: flags.print };
        const reporters = reportersOf({ ...flags, script, history }, streams);
        flags.onChosen(reporters.isJson);
        const followers = followAll([
          reporters.hasProgress && !isOver(state) ? live : {},
          reporters.follower,
        ]);
        const followed = followRun(server, run, followers).pipe(Effect.ensuring(Effect.sync(live.close)));
        // On servers of our own nobody else may lead: then a root of this command ends what was left open.
        const watched = isOver(state) ? followed : withRoot(place, followed);
        if (!isOver(state) && place.keeper === undefined) yield* sayWhoLeads(server, live.note);
        const view = yield* watched.pipe(
          Effect.tapError(({ message }) => Effect.sync(() => reporters.broken(message))),
        );
        return yield* Effect.try({
          try: () => conclude(script, view, reporters, live.note),
          catch: (error) => error as Error,
        });
      }),
    );
  } finally {
    stopWatching();
  }
}

const sayWhoLeads = (server: Server, note: (line: string) => void) =>
  server.lease.holder("root").pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.map((holder) => {
      if (holder === undefined)
        note("no root leads this mesh, and the run cannot end without one: start mesh root");
    }),
  );

function conclude(
  script: string,
  { state }: View,
  reporters: Reporters,
  note: (line: string) => void,
): number {
  const refusal = state.phase === "refused" ? problemsFailure(script, state.problems) : undefined;
  if (refusal !== undefined) {
    reporters.broken(refusal.message);
    throw refusal;
  }
  const { failure } = state.stages.summary ?? {};
  if (failure !== undefined) note(`handleSummary: ${failure.message}`);
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
