/** What a root is while it leads: its tenure, the zones it hears, its open runs, and the mailbox of its one fiber. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { ZoneWord } from "../../domain/mesh/decide.ts";
import type { RunInput } from "../../domain/run/input.ts";
import { isClosed, type RunState } from "../../domain/run/state.ts";
import type { Delivery, ServerError } from "../../ports/server.ts";
import type { ControlPlane } from "../control-plane.ts";
import type { FromZone } from "../follow-zone.ts";
import type { HeardZones } from "../heard-zones.ts";
import type { MeshLog } from "./mesh-log.ts";
import { eraseValuesOf, type RunProcess } from "./run-process.ts";
import type { Tenure } from "./tenure.ts";

export interface RootOptions {
  /** Unique name of this process; shown as the leader. */
  readonly name: string;
  /** Says something to whoever watches this process. */
  readonly note: (line: string) => void;
  /** Lands at once what earlier leaders left, for somebody waits for it. */
  readonly landNow?: boolean | undefined;
  /** Finds the servers of the mesh that no script may reach; absent: nobody is told of any. */
  readonly controlPlane?: ControlPlane | undefined;
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  /** What a server at the hub refused somebody. */
  | { readonly type: "Watch"; readonly delivery: Delivery }
  /** A zone said something about itself that the mesh log may not have. */
  | { readonly type: "Heard"; readonly word: ZoneWord; readonly at: number; readonly teller: string }
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
  readonly mesh: MeshLog;
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

/** A closed run needs no memory here any more; values that could not be erased before its verdict are tried again. */
export const retire = (self: Root, process: RunProcess): Effect.Effect<void> => {
  if (!isClosed(process.journal.state)) return Effect.void;
  self.runs.delete(process.run);
  return eraseValuesOf(process);
};

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
