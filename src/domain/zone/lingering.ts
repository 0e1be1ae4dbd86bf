/**
 * How long an agent that was lost may still put load on its targets: it goes on by its plan until that is over, or until its
 * own `onSilence` stops it. Nobody can tell it that its run is over.
 */
import type { AgentLoss } from "../../../streams/schema/finish.ts";
import { gracefulUs, plannedUs } from "../run/state.ts";
import type { ShareState, ZoneState } from "./state.ts";

/** What an agent may have heard later than the last that was heard of it. */
const SLACK_US = 10_000_000;

/** Hub time, µs; undefined where nothing was lost, or nothing had started. Whoever is back under its name has let go. */
export function lingersUntil(share: ShareState, agents: ZoneState["agents"]): number | undefined {
  const { losses, lossesBelow, plan, startAt } = share;
  if (startAt === undefined) return undefined;
  const endUs = startAt + plannedUs(plan) + gracefulUs(plan);
  const { onSilence } = plan;
  // Of agents of a zone that was given up nobody knows when they were last heard.
  const silentUs = ({ lastWindow }: AgentLoss): number =>
    onSilence.do === "stop" && lastWindow >= 0
      ? startAt + (lastWindow + 1) * plan.windowMs * 1000 + onSilence.afterMs * 1000
      : Number.POSITIVE_INFINITY;
  const gone = losses.filter(({ agent }) => agents[agent]?.live !== true);
  const ends = [...gone, ...lossesBelow].map((loss) => Math.min(endUs, silentUs(loss)) + SLACK_US);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
