/**
 * What may still happen to a run that has its verdict: late data revise the report, the run is closed, and it lands in
 * ClickHouse. Revision 0 of the verdict is never touched.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { RunInput } from "./input.ts";
import { fromZone } from "./from-zone.ts";
import { awaitsLanding, isClosed, type RunState } from "./state.ts";
import { verdictOf } from "./verdict.ts";

const LATE = ["ZoneFact", "Revised", "Close", "Land", "Landed"] as const;
type LateInput = RunInput & { readonly type: (typeof LATE)[number] };

/** Whether an input has a meaning after the verdict; only the facts of zones also have one before. */
export const isAfterVerdict = (input: RunInput): input is LateInput =>
  LATE.some((type) => type === input.type);

export function afterVerdict(state: RunState, input: LateInput): readonly RunEvent[] {
  switch (input.type) {
    case "ZoneFact":
      return isClosed(state) ? [] : lateFact(state, input);
    case "Revised":
      return isClosed(state) ? [] : [revised(state, input)];
    case "Close":
      return isClosed(state) ? [] : [{ type: "RunClosed", reason: input.reason }];
    case "Land":
      return awaitsLanding(state) ? [{ type: "LandingAttempted", attempt: state.landing + 1 }] : [];
    case "Landed":
      return awaitsLanding(state) && input.revision === state.report.revision ? [landed(state, input)] : [];
  }
}

/** How agents ended and which were lost belongs to the books; it stops nothing any more. */
const lateFact = (
  state: RunState,
  { event, origin, zone }: LateInput & { readonly type: "ZoneFact" },
): readonly RunEvent[] =>
  event.type === "ShareFinished" || event.type === "AgentLost"
    ? fromZone(state, zone, event, origin).filter(
        ({ type }) => type === "ZoneFinished" || type === "AgentLost",
      )
    : [];

function revised(state: RunState, input: LateInput & { readonly type: "Revised" }): RunEvent {
  const { findings, intervals, sha256, summary } = input;
  const revision = state.report.revision + 1;
  return { type: "ReportRevised", revision, intervals, sha256, summary, ...verdictOf(state, findings) };
}

function landed(
  { landing }: RunState,
  { intervals, revision, rows }: LateInput & { readonly type: "Landed" },
): RunEvent {
  return { type: "HistoryLanded", attempt: landing, revision, intervals, rows };
}
