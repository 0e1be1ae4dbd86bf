/**
 * Worker processes as an agent sees them: where scripts run. `src/engine` has the real ones. Instants are on this
 * machine's monotonic clock in ns, which its processes share.
 */
import * as Context from "effect/Context";
import type { Tallies } from "../../streams/schema/ledger.ts";
import type { Plan } from "../../streams/schema/plan.ts";
import type { Share } from "../../streams/schema/share.ts";
import type { Stage } from "../../streams/schema/cause.ts";

/** An error of a script with its own place, as far as that is known. */
export interface ScriptFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

export interface Assignment {
  /** Source of its intervals: `<agent>.<incarnation>/w<k>`. */
  readonly name: string;
  readonly bundle: Uint8Array;
  readonly sourceMap?: string;
  readonly plan: Plan;
  readonly share: Share;
  readonly env: Readonly<Record<string, string>>;
  readonly agent: string;
  readonly zone: string;
  readonly runId: string;
  readonly seed: number;
  /** The zone server's clock minus this machine's, µs: travels with the health samples. */
  readonly clockOffsetUs?: number;
}

export type Initialised =
  | { readonly ok: true; readonly vus: number }
  | { readonly ok: false; readonly error: ScriptFailure };

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
  readonly lastRequestAtNs: bigint | undefined;
  readonly stopped: boolean;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly name: string;
  init(assignment: Assignment): Promise<Initialised>;
  runStage(stage: Stage, input: unknown, timeoutMs: number): Promise<StageOutcome>;
  start(startAtNs: bigint, setupData: unknown): void;
  stop(mode?: "now" | "drain"): void;
  onFrame(listener: (frame: Uint8Array) => void): void;
  onAbort(listener: (reason: string) => void): void;
  onLog(listener: (line: string) => void): void;
  onWarning(listener: (message: string) => void): void;
  readonly ended: Promise<Ended>;
  /** Sends what was measured since; resolves after `onFrame` has it. */
  flush(): Promise<void>;
  /** Resolves when the process is gone without `kill`. */
  readonly lost: Promise<{
    readonly name: string;
    readonly cause: string;
    readonly lastLines: readonly string[];
  }>;
  kill(): Promise<void>;
}

export class Workers extends Context.Service<Workers, { readonly start: () => WorkerProcess }>()(
  "mesh/Workers",
) {}
