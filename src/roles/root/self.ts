/** What a root is while it leads: its tenure, the zones it hears, its open runs, and the mailbox of its one fiber. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { RunInput } from "../../domain/run/input.ts";
import type { RunState } from "../../domain/run/state.ts";
import type { Delivery, ServerError } from "../../ports/server.ts";
import type { FromZone } from "../follow-zone.ts";
import type { HeardZones } from "../heard-zones.ts";
import type { RunProcess } from "./run-process.ts";
import type { Tenure } from "./tenure.ts";

export interface RootOptions {
  /** Unique name of this process; shown as the leader. */
  readonly name: string;
  /** Says something to whoever watches this process. */
  readonly note: (line: string) => void;
  /** Lands at once what earlier leaders left, for somebody waits for it. */
  readonly landNow?: boolean | undefined;
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  | FromZone
  | Question
  /** A root of the past planned it. */
  | { readonly type: "Planned"; readonly run: string }
  | { readonly type: "Tick" };

/** Work beside the mailbox, such as landing, lets the mailbox decide: a run's log has one writer. */
interface Question {
  readonly type: "Decide";
  readonly run: string;
  readonly input: RunInput;
  readonly done: Deferred.Deferred<RunState | undefined, ServerError>;
}

export interface Root {
  readonly options: RootOptions;
  readonly tenure: Tenure;
  readonly zones: HeardZones;
  readonly runs: Map<string, RunProcess>;
  readonly mailbox: Queue.Queue<Input>;
}

/** Decides on an input of a run, open or over; the state after it, or undefined when the log cannot be read. */
export const decideOn = (
  self: Root,
  run: string,
  input: RunInput,
): Effect.Effect<RunState | undefined, ServerError> =>
  Effect.gen(function* () {
    const done = yield* Deferred.make<RunState | undefined, ServerError>();
    yield* offer(self, { type: "Decide", run, input, done });
    return yield* Deferred.await(done);
  });

export const offer = (self: Root, input: Input): Effect.Effect<void> =>
  Queue.offer(self.mailbox, input).pipe(Effect.asVoid);

/** A log may hold what this version cannot read: that is the end of one run's story here, not of the root. */
export const unlessUnreadable =
  (self: Root, run: string) =>
  <A, E, R>(read: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, E, R> =>
    read.pipe(
      Effect.catchDefect((defect) => {
        const reason = (defect instanceof Error ? defect.message : String(defect)).replaceAll(/\s+/g, " ");
        return Effect.sync(() => {
          self.options.note(
            `run ${run} is left out, its log cannot be read: ${reason}; see mesh events ${run}`,
          );
          return undefined;
        });
      }),
    );
