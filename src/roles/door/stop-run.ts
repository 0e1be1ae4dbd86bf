/** Ends a run because a person wants it: asks root, sees the cause in the run's log, and waits a while for the end. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { Cause } from "../../../streams/schema/cause.ts";
import { subjects } from "../../../streams/subjects.ts";
import { gracefulUs, isOver, type RunState } from "../../domain/run/state.ts";
import type { Server } from "../../ports/server.ts";
import { type AskError, NoMesh, requestStop } from "./ask.ts";
import { RUN_EVENTS } from "./find-run.ts";
import * as limits from "./limits.ts";
import { RunFold } from "./list-runs.ts";

export interface StopRequest {
  readonly run: string;
  readonly actor: string;
  /** Unique for this request. */
  readonly id: string;
  readonly reason: string;
  /** Called once, when the cause that ends the run is in its log: ours, or one that came first. */
  readonly onStopping: (cause: Cause) => void;
}

/** The run when it has ended, or, when that takes long, as it drains. */
export const stopRun = (server: Server, request: StopRequest): Effect.Effect<RunState, AskError> =>
  Effect.gen(function* () {
    const { run, actor, id, reason } = request;
    const stopping = yield* Deferred.make<void>();
    const ended = yield* Deferred.make<void>();
    const fold = new RunFold(run);
    const follow = server.log.follow(RUN_EVENTS, [subjects.runLog(run)], 1, (stored) =>
      Effect.gen(function* () {
        fold.add(stored);
        const { cause } = fold.state;
        if (cause !== undefined && (yield* Deferred.succeed(stopping, undefined))) request.onStopping(cause);
        if (!isOver(fold.state)) return;
        yield* Deferred.succeed(stopping, undefined);
        yield* Deferred.succeed(ended, undefined);
      }),
    );
    const stop = Effect.gen(function* () {
      yield* requestStop(server, run, actor, { kind: "person", message: reason, by: actor }, id);
      yield* Deferred.await(stopping).pipe(
        Effect.timeout(limits.ANSWER_WITHIN_MS),
        Effect.mapError(() => new NoMesh({ detail: "the request is stored, but nobody took it up" })),
      );
      const { plan } = fold.state;
      const drainMs = plan === undefined ? 0 : gracefulUs(plan) / 1000;
      yield* Deferred.await(ended).pipe(Effect.timeoutOption(drainMs + limits.ENDED_WITHIN_MS));
      return fold.state;
    });
    return yield* Effect.raceFirst(stop, follow);
  });
