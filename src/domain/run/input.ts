/** What may come to a run: asked by doors, reported by zones, found out by root itself. Types only. */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause, Evidence, Origin, Stage } from "../../../streams/schema/cause.ts";
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import type { RunNote, RunState } from "./state.ts";
import type { Findings } from "./verdict.ts";

/** A zone that gets no new runs, with why – `is drained (by …)` – and what to do where that is not to open it again. */
export interface ClosedZone {
  readonly zone: string;
  readonly why: string;
  readonly hint?: string;
}

export type RunInput =
  | {
      readonly type: "Plan";
      readonly request: PlanRequest;
      readonly actor: string;
      readonly closed?: readonly ClosedZone[];
    }
  | { readonly type: "Stop"; readonly cause: Cause; readonly evidence?: Evidence }
  | { readonly type: "ZoneFact"; readonly zone: string; readonly event: ZoneEvent; readonly origin: Origin }
  | { readonly type: "ZoneSilent"; readonly zone: string; readonly reason: string }
  | { readonly type: "StageExpired"; readonly stage: Stage }
  | { readonly type: "TakeOver"; readonly root: string; readonly epoch: number }
  | {
      readonly type: "Summarised";
      readonly intervals: number;
      readonly sha256: string;
      readonly summary: unknown;
    }
  /** `late`: of these zones something is missing that may still come. */
  | { readonly type: "Judged"; readonly findings: Findings; readonly late?: RunState["late"] }
  | {
      readonly type: "Revised";
      readonly intervals: number;
      readonly sha256: string;
      readonly summary: unknown;
      readonly findings: Findings;
    }
  | ({ readonly type: "Note" } & RunNote)
  | { readonly type: "Close"; readonly reason: string }
  | { readonly type: "Land" }
  /** `revision`: of the report that landed, which may not be the last one any more. */
  | {
      readonly type: "Landed";
      readonly revision: number;
      readonly intervals: number;
      readonly rows: Readonly<Record<string, number>>;
    };
