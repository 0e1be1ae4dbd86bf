/** Laws of a run's life: it ends, once; stages run once, after they were attempted; whoever is told to stop does. */
import type { Violation } from "../evidence.ts";
import { eventsOf, finishesOf, lostOf, type RunView, sourceOf, type View } from "../view.ts";

/** After the last fault a run may still wait out each of its patiences, one after the other. */
const SETTLED_WITHIN_US = 90_000_000;
/** An agent's statement of its last request may be off by what clocks may be off. */
const STATED_WITHIN_US = 50_000;

export const lifeLaws = (view: View): readonly Violation[] =>
  view.runs.flatMap((run) => [
    ...settling(view, run),
    ...stages(run),
    ...attempted(run),
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

function stages({ run, seen }: RunView): readonly Violation[] {
  return ["setup", "teardown", "summary"].flatMap((stage) => {
    const times = new Set(
      seen.filter((each) => each.stage === stage).map(({ worker, zone }) => `${zone}/${worker}`),
    ).size;
    const first = seen.filter((each) => each.stage === stage && each.iteration === 0 && each.isLast);
    if (times <= 1 && first.length <= 1) return [];
    return [
      { law: "stage once", message: `${run}: ${stage} was run ${Math.max(times, first.length)} times` },
    ];
  });
}

/** An attempt is on record before its code runs, and before its end. */
function attempted(run: RunView): readonly Violation[] {
  const ended = eventsOf(run, "StageEnded").flatMap(({ body, published }): readonly Violation[] => {
    const attempts = eventsOf(run, "StageAttempted").filter((each) => each.body.stage === body.stage);
    const isBefore = attempts.some((each) => each.published.sequence < published.sequence);
    const isRight = attempts.length <= 1 && (isBefore || body.result === "not-run");
    return isRight
      ? []
      : [{ law: "stage attempted", message: `${run.run}: ${body.stage} ends without one attempt` }];
  });
  const early = run.seen.flatMap(({ atUs, stage }): readonly Violation[] => {
    if (stage === "") return [];
    const isOnRecord = eventsOf(run, "StageAttempted").some(
      ({ body, published }) => body.stage === stage && published.atUs <= atUs,
    );
    return isOnRecord
      ? []
      : [{ law: "stage attempted", message: `${run.run}: ${stage} ran before it was on record` }];
  });
  return [...ended, ...early.slice(0, 1)];
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
