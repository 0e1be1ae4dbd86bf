/**
 * Follows one run from its first event: its log and root's intervals, folded as they come. A door needs nothing else,
 * and addresses no particular root. Ends when the run was refused, or its verdict was given and the intervals that its
 * summary was made of are here.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { RunEvent } from "../../../streams/events/run.ts";
import { subjects } from "../../../streams/subjects.ts";
import { type FrameHead, readFrameHead } from "../../domain/interval/head.ts";
import { decodeBody } from "../../domain/log/codec.ts";
import { ByteReader } from "../../domain/metric/byte-reader.ts";
import { evolve } from "../../domain/run/evolve.ts";
import { isOver, newRun, type RunState } from "../../domain/run/state.ts";
import type { RunMetrics } from "../../domain/summary/run-metrics.ts";
import { metricsFor } from "../../domain/summary/summarise.ts";
import type { Server, ServerError, Stored } from "../../ports/server.ts";
import * as limits from "./limits.ts";

/** What a follower sees, as far as the run has come. */
export interface View {
  readonly state: RunState;
  /** Undefined before the plan. */
  readonly metrics: RunMetrics | undefined;
  /** Hub time of the last event, µs. */
  readonly lastAt: number;
}

export interface Follower {
  readonly onEvent?: (event: RunEvent, stored: Stored, view: View) => void;
  /** Called after the interval was added to the view, with its head; never before the plan. */
  readonly onInterval?: (view: View, stored: Stored, head: FrameHead) => void;
}

/** Returns the run as it ended. */
export const followRun = (
  server: Server,
  run: string,
  follower: Follower,
): Effect.Effect<View, ServerError> =>
  Effect.gen(function* () {
    const planned = yield* Deferred.make<void>();
    const ended = yield* Deferred.make<void>();
    const whole = yield* Deferred.make<void>();
    let intervalsSeen = 0;
    let view: View = { state: newRun, metrics: undefined, lastAt: 0 };
    /** The two logs come side by side: the plan may be here after the first intervals, the verdict before the last. */
    const tell = Effect.gen(function* () {
      if (view.metrics !== undefined) yield* Deferred.succeed(planned, undefined);
      if (!isOver(view.state)) return;
      yield* Deferred.succeed(ended, undefined);
      if (intervalsSeen >= (view.state.summary?.intervals ?? 0)) yield* Deferred.succeed(whole, undefined);
    });
    const events = server.log.follow(
      { asset: "runEvents", zone: "" },
      [subjects.runLog(run)],
      1,
      (stored) => {
        const event = decodeBody("run event", stored.envelope, stored.data);
        const state = evolve(view.state, event);
        const metrics = view.metrics ?? (state.plan === undefined ? undefined : metricsFor(state));
        view = { state, metrics, lastAt: stored.envelope.time };
        follower.onEvent?.(event, stored, view);
        return tell;
      },
    );
    const intervals = server.log.follow(
      { asset: "runIntervals", zone: "" },
      [subjects.runInterval(run)],
      1,
      (stored) =>
        Effect.gen(function* () {
          yield* Deferred.await(planned);
          intervalsSeen += 1;
          if (view.metrics?.add(stored.data) === true) {
            follower.onInterval?.(view, stored, readFrameHead(new ByteReader(stored.data)));
          }
          yield* tell;
        }),
    );
    const end = Deferred.await(ended).pipe(
      Effect.andThen(Deferred.await(whole).pipe(Effect.timeoutOption(limits.INTERVALS_WITHIN_MS))),
      Effect.map(() => view),
    );
    return yield* Effect.raceAllFirst([end, events, intervals]);
  });
