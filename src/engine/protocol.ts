/**
 * What an agent and its worker processes say to each other over IPC (structured clone). One worker, one run. All
 * instants are on `process.hrtime.bigint()`'s clock, which all processes of a machine share.
 */
import type { Plan } from "../../streams/schema/plan.ts";
import type { Share } from "../../streams/schema/share.ts";
import type { Tallies } from "../../streams/schema/ledger.ts";
import type { ScriptFailure } from "./source-places.ts";

/** Everything a worker must know of its run. */
export interface WorkerAssignment {
  /** Source of its intervals: `<agent>.<incarnation>/w<k>`. */
  readonly name: string;
  readonly bundle: Uint8Array;
  readonly sourceMap?: string;
  readonly plan: Plan;
  /** Including this worker's own division. */
  readonly share: Share;
  /** The `--env` values. */
  readonly env: Readonly<Record<string, string>>;
  readonly agent: string;
  readonly zone: string;
  readonly runId: string;
  readonly seed: number;
  /** The zone server's clock minus this machine's, µs: travels with the health samples. */
  readonly clockOffsetUs?: number;
}

export type InitResult =
  | { readonly ok: true; readonly vus: number }
  | { readonly ok: false; readonly error: ScriptFailure };

/** `now`: running iterations are cut at once. `drain`: they have their `gracefulStop` to end. */
export type StopMode = "now" | "drain";

export type Stage = "setup" | "teardown" | "summary";

/** `timeout` ends a run with 100 (setup) or 101 (teardown); `aborted` means that the stage called `abort()`. */
export type StageResult =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ScriptFailure }
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "timeout" };

/** What a worker states when all its scenarios are over. */
export interface WorkerEnd {
  readonly tallies: Tallies;
  /** Frames sent so far, the final one included. */
  readonly frames: number;
  /** When the last request was handed to a connection; undefined when there was none. */
  readonly lastRequestAtNs: bigint | undefined;
  /** Requests that the target may have counted and that are in no sample, because their iteration was cut. */
  readonly interruptedRequests: number;
  /** True when `stop` ended it, false at its regular end. */
  readonly stopped: boolean;
}

export type ToWorker =
  | { readonly type: "init"; readonly assignment: WorkerAssignment }
  | { readonly type: "stage"; readonly stage: Stage; readonly input: unknown; readonly timeoutMs: number }
  | { readonly type: "start"; readonly startAtNs: bigint; readonly setupData: unknown }
  | { readonly type: "stop"; readonly mode: StopMode }
  | { readonly type: "flush" };

export type FromWorker =
  | { readonly type: "initialised"; readonly result: InitResult }
  | { readonly type: "staged"; readonly result: StageResult }
  | { readonly type: "frame"; readonly bytes: Uint8Array }
  | { readonly type: "abort"; readonly reason: string }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "ended"; readonly end: WorkerEnd }
  | { readonly type: "flushed" };
