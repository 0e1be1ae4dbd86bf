/** Laws of a run's life: it ends, once; its stages follow their own laws; whoever is told to stop does. */
import type { Violation } from "../evidence.ts";
import { eventsOf, finishesOf, lostOf, type RunView, sourceOf, type View } from "../view.ts";
import { stageLaws } from "./stages.ts";

/** After the last fault a run may still wait out each of its patiences, one after the other. */
const SETTLED_WITHIN_US = 90_000_000;
/** An agent's statement of its last request may be off by what clocks may be off. */
const STATED_WITHIN_US = 50_000;

export const lifeLaws = (view: View): readonly Violation[] =>
  view.runs.flatMap((run) => [
    ...settling(view, run),
    ...stageLaws(run),
    ...stopped(view, run),
    ...lastRequests(view, run),
  ]);

function settling({ evidence }: View, run: RunView): readonly Violation[] {
  if (run.plan === undefined) return [];
  const verdicts = eventsOf(run, "VerdictGiven").filter(({ body }) => body.revision === 0);
  const [first] = verdicts;
  if (first === undefined) {
    const last = run.events.at(-1)?.type ?? "nothing";
    return [{ law: "settling", message: `${run.run} has no verdict; the last event is ${last}` }];
  }
  const plannedUs = run.events[0]?.published.atUs ?? 0;
  const byUs = Math.max(evidence.calmFromUs, plannedUs) + SETTLED_WITHIN_US;
  const isLate = first.published.atUs > byUs;
  return [
    ...(verdicts.length === 1
      ? []
      : [{ law: "settling", message: `${run.run} has ${verdicts.length} verdicts` }]),
    ...(isLate
      ? [{ law: "settling", message: `${run.run} has its verdict only at ${first.published.atUs} µs` }]
      : []),
  ];
}

/** Whoever has stated its end sends nothing any more; a stop in quiet times reaches everybody soon. */
function stopped({ evidence }: View, run: RunView): readonly Violation[] {
  const [stop] = eventsOf(run, "RunStopping");
  const graceUs =
    Math.max(0, ...Object.values(run.plan?.scenarios ?? {}).map((each) => each.gracefulStopMs)) * 1000;
  const isDrain = ["person", "signal"].includes(stop?.body.cause.kind ?? "");
  const stopUs = stop?.published.atUs ?? Infinity;
  const boundUs = stopUs + evidence.stopWithinUs(stopUs) + (isDrain ? graceUs : 0);
  const lost = lostOf(run);
  const load = run.seen.filter((each) => each.stage === "" && !lost.has(sourceOf(each)));
  const late = load.filter(({ atUs }) => atUs > boundUs);
  return late.slice(0, 3).map((each) => ({
    law: "stop",
    message: `${run.run}: a request of ${each.worker} at ${each.atUs} µs, ${each.atUs - stopUs} µs after the stop`,
  }));
}

/** An agent acknowledges the instant of its last request, and none comes after it. */
function lastRequests({ evidence }: View, run: RunView): readonly Violation[] {
  const lost = lostOf(run);
  return [...finishesOf(run)].flatMap(([agent, finish]): readonly Violation[] => {
    if (lost.has(agent)) return [];
    const load = run.seen.filter((each) => sourceOf(each) === agent && each.stage === "");
    const lastUs = Math.max(0, ...load.map(({ atUs }) => atUs));
    const statedUs = finish.lastRequestAt === 0 ? 0 : finish.lastRequestAt - evidence.epochUs;
    const offUs = Math.abs(statedUs - lastUs);
    if (offUs <= STATED_WITHIN_US + evidence.clocksOffUs) return [];
    return [
      {
        law: "last request",
        message: `${run.run}: ${agent} states ${statedUs} µs, the target saw ${lastUs} µs`,
      },
    ];
  });
}
