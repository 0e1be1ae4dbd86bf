/**
 * Which requests a run's report must hold: the load, and the stages. A stage that was lost or given up may be measured or
 * not; then stages are left out on both sides. handleSummary runs when the report is made: what it sends is in none.
 */
import type { Seen } from "./evidence.ts";
import type { Totals } from "./totals.ts";
import { eventsOf, finishesOf, type RunView, sourceOf } from "./view.ts";

/** Whether what stages sent must be reported, to the request. */
export function areStagesSure(view: RunView): boolean {
  if (eventsOf(view, "RunStarted").length === 0) return false;
  const isGivenUp = eventsOf(view, "StageEnded").some(({ body }) =>
    ["lost", "timeout"].includes(body.failure?.kind ?? ""),
  );
  return !isGivenUp && !view.seen.some((each) => each.stage !== "" && neverBegan(view, each));
}

/** Known gap, reported: teardown that runs on an agent which was stopped before it had begun is in no interval. */
const neverBegan = (view: RunView, each: Seen): boolean =>
  finishesOf(view).get(sourceOf(each))?.endedAt === 0;

export const isMeasured = (view: RunView, { stage }: Seen): boolean =>
  stage === "" || (stage !== "summary" && areStagesSure(view));

/** The same of totals. */
export const measuredOf = (view: RunView, totals: Totals): Totals =>
  areStagesSure(view) ? totals : new Map([...totals].filter(([key]) => key.split(" ")[1] !== "-"));
