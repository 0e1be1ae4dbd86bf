/**
 * What an agent and its worker processes say to each other over IPC (structured clone). One worker, one run. What
 * these messages carry is described once, in `src/ports/workers.ts`. All instants are on `process.hrtime.bigint()`'s clock, which all processes of a machine share.
 */
import type { Stage } from "../../streams/schema/cause.ts";
import type { Assignment, Ended, Initialised, StageOutcome, StopMode } from "../ports/workers.ts";

export type ToWorker =
  | { readonly type: "init"; readonly assignment: Assignment }
  | { readonly type: "stage"; readonly stage: Stage; readonly input: unknown; readonly timeoutMs: number }
  | {
      readonly type: "start";
      readonly startAtNs: bigint;
      readonly setupData: unknown;
      readonly ownData: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "stop"; readonly mode: StopMode }
  | { readonly type: "flush" };

export type FromWorker =
  | { readonly type: "initialised"; readonly result: Initialised }
  | { readonly type: "staged"; readonly result: StageOutcome }
  | { readonly type: "frame"; readonly bytes: Uint8Array }
  | { readonly type: "abort"; readonly reason: string }
  | { readonly type: "ceiling"; readonly reason: string }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "ended"; readonly end: Ended }
  | { readonly type: "flushed" };
