/**
 * Worker processes as an agent sees them: where scripts run. `src/engine` has the real ones. Instants are on this
 * machine's monotonic clock in ns, which its processes share.
 */
import * as Context from "effect/Context";
import type { Tallies } from "../../streams/schema/ledger.ts";
import type { Guard, Guarded } from "../../streams/schema/guard.ts";
import type { Plan } from "../../streams/schema/plan.ts";
import type { Share } from "../../streams/schema/share.ts";
import type { Stage } from "../../streams/schema/cause.ts";

/** A place in a source file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error of a script with its own place, as far as that is known. */
export interface ScriptFailure {
  readonly name: string;
  readonly message: string;
  /** Mapped frames of the script and its packages, one per line; ours and Node's are left out. */
  readonly stack: string;
  readonly place: SourcePlace | undefined;
}

/** A file that the script reads, by the name it has in the plan. */
export interface DataBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Everything a worker must know of its run. */
export interface Assignment {
  /** Source of its intervals: `<agent>.<incarnation>/w<k>`. */
  readonly name: string;
  readonly bundle: Uint8Array;
  readonly sourceMap?: string;
  readonly plan: Plan;
  /** Data files of the script; absent: none. */
  readonly files?: readonly DataBytes[];
  /** Including this worker's own division. */
  readonly share: Share;
  /** The `--env` values. */
  readonly env: Readonly<Record<string, string>>;
  /** The `--secret` values: they leave the worker in no text. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly agent: string;
  readonly zone: string;
  readonly runId: string;
  readonly seed: number;
  /** The zone server's clock minus this machine's, µs: travels with the health samples. */
  readonly clockOffsetUs?: number;
  /** What the owners of zones allow, each with this worker's part; absent: nobody said anything. */
  readonly guards?: readonly Guard[];
  /** Servers of the mesh, `host:port`, that scripts may not reach. */
  readonly controlPlane?: readonly string[];
}

export type Initialised =
  | { readonly ok: true; readonly vus: number }
  | { readonly ok: false; readonly error: ScriptFailure };

/** `timeout` ends a run with 100 (setup) or 101 (teardown); `aborted` means that the stage called `abort()`. */
export type StageOutcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ScriptFailure }
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "timeout" };

/** What a worker states when its load is over. */
export interface Ended {
  readonly tallies: Tallies;
  /** Frames it has sent, the final one included. */
  readonly frames: number;
  /** When the last request was handed to a connection; undefined when there was none. */
  readonly lastRequestAtNs: bigint | undefined;
  /** Requests that the target may have counted and that are in no sample, because their iteration was cut. */
  readonly interruptedRequests: number;
  /** What guard rails did to its requests; absent: nothing. */
  readonly guarded?: readonly Guarded[];
  /** True when `stop` ended it, false at its regular end. */
  readonly stopped: boolean;
}

/** `now`: running iterations are cut at once. `drain`: they have their `gracefulStop` to end. */
export type StopMode = "now" | "drain";

/** Why a worker is gone, in words, with the last lines it wrote and what its script ran last, as far as that is known. */
export interface WorkerLoss {
  readonly name: string;
  readonly cause: string;
  readonly lastLines: readonly string[];
  readonly iteration?: RunningIteration;
}

export interface RunningIteration {
  readonly scenario: string;
  /** In the whole run of this scenario, from 0. */
  readonly number: number;
  readonly vu: number;
}

export interface WorkerProcess {
  readonly pid: number;
  /** The assignment's name; `worker <pid>` before `init`. */
  readonly name: string;
  /** Compiles the bundle and initialises VUs. A throw in module scope is `{ ok: false }`. Never settles when lost. */
  init(assignment: Assignment): Promise<Initialised>;
  /** Runs a stage of the script. A blocked event loop is a timeout too, and costs the worker. */
  runStage(stage: Stage, input: unknown, timeoutMs: number): Promise<StageOutcome>;
  /**
   * @param startAtNs on `process.hrtime.bigint()`'s clock
   * @param ownData by scenario, what its own setup returned; every other scenario gets `setupData`
   */
  start(startAtNs: bigint, setupData: unknown, ownData?: Readonly<Record<string, unknown>>): void;
  /** No new iterations; running ones are cut `now`, or after their `gracefulStop` (`drain`). Answered by `ended`. */
  stop(mode?: StopMode): void;
  onFrame(listener: (frame: Uint8Array) => void): void;
  onAbort(listener: (reason: string) => void): void;
  /** It has made all the requests that a ceiling allows it; nothing goes out any more. */
  onCeiling(listener: (reason: string) => void): void;
  onLog(listener: (line: string) => void): void;
  onWarning(listener: (message: string) => void): void;
  /** Every scenario is over. Never settles when the worker is lost: race it with `lost`. */
  readonly ended: Promise<Ended>;
  /** Sends what was measured since; resolves after `onFrame` has it. */
  flush(): Promise<void>;
  /** Resolves when the process is gone without `kill()`, or no longer answers (it is then killed). */
  readonly lost: Promise<WorkerLoss>;
  /** Ends the process at once; resolves when it is gone. */
  kill(): Promise<void>;
}

export class Workers extends Context.Service<Workers, { readonly start: () => WorkerProcess }>()(
  "mesh/Workers",
) {}
