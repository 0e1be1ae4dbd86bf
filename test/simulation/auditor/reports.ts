/** The reports of a run: the one of the verdict, and each revision of it. */
import type { SummaryBody } from "./events.ts";
import { eventsOf, type Carried, type RunView } from "./view.ts";

export interface Report {
  readonly revision: number;
  readonly summary: SummaryBody;
  /** Root's intervals that it has read. */
  readonly read: readonly Carried[];
  /** Nothing is missing in it that might still come. */
  readonly isWhole: boolean;
}

export function reportsOf(view: RunView): readonly Report[] {
  const isLate = eventsOf(view, "LateDataAwaited").length > 0;
  const isClosedWhole = eventsOf(view, "RunClosed").some(({ body }) => body.reason === "everything is in");
  const made = [...eventsOf(view, "SummaryRecorded"), ...eventsOf(view, "ReportRevised")];
  return made.map(({ body, type }, index) => ({
    revision: type === "SummaryRecorded" ? 0 : body.revision,
    summary: body.summary,
    read: view.intervals.slice(0, body.intervals),
    isWhole: !isLate || (isClosedWhole && index === made.length - 1),
  }));
}
