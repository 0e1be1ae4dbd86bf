/**
 * Laws of what runs once per run: setup, teardown and handleSummary, and the setups and teardowns of scenarios. Each once,
 * after it was put on record, none left out, in the order in which people are told that they run.
 */
import type { PlanBody } from "../events.ts";
import type { Violation } from "../evidence.ts";
import { eventsOf, type RunView } from "../view.ts";

export const stageLaws = (run: RunView): readonly Violation[] => [
  ...once(run),
  ...attempted(run),
  ...complete(run),
  ...inOrder(run),
];

const setupsOf = ({ hasSetup, scenarios }: PlanBody): readonly string[] => [
  ...(hasSetup ? ["setup"] : []),
  ...Object.keys(scenarios).flatMap((name) =>
    scenarios[name]?.setup === undefined ? [] : [`setup/${name}`],
  ),
];

/** The last to be set up is the first to be torn down. */
const teardownsOf = ({ hasTeardown, scenarios }: PlanBody): readonly string[] =>
  [
    ...(hasTeardown ? ["teardown"] : []),
    ...Object.keys(scenarios).flatMap((name) =>
      scenarios[name]?.teardown === undefined ? [] : [`teardown/${name}`],
    ),
  ].toReversed();

/** The code of a stage runs once in the whole mesh, whoever is lost meanwhile. */
function once({ run, seen }: RunView): readonly Violation[] {
  const names = new Set(seen.map(({ stage }) => stage).filter((stage) => stage !== ""));
  return [...names].flatMap((stage) => {
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

/** Nothing starts before every setup has succeeded, and nobody gives a verdict before it is known of every teardown. */
function complete(run: RunView): readonly Violation[] {
  if (run.plan === undefined) return [];
  const known = (before: "RunStarted" | "VerdictGiven", isEnough: (result: string) => boolean) => {
    const [event] = eventsOf(run, before);
    if (event === undefined) return undefined;
    const ends = eventsOf(run, "StageEnded").filter(
      ({ body, published }) => published.sequence < event.published.sequence && isEnough(body.result),
    );
    return new Set(ends.map(({ body }) => body.stage));
  };
  const missing = (names: readonly string[], ends: ReadonlySet<string> | undefined, what: string) =>
    names
      .filter((name) => ends?.has(name) === false)
      .map((name) => ({ law: "stage left out", message: `${run.run}: ${what} without ${name}` }));
  return [
    ...missing(
      setupsOf(run.plan),
      known("RunStarted", (result) => result === "succeeded"),
      "it started",
    ),
    ...missing(
      teardownsOf(run.plan),
      known("VerdictGiven", () => true),
      "it has a verdict",
    ),
  ];
}

function inOrder(run: RunView): readonly Violation[] {
  if (run.plan === undefined) return [];
  const order = [...setupsOf(run.plan), ...teardownsOf(run.plan), "summary"];
  const places = eventsOf(run, "StageAttempted").map(({ body }) => order.indexOf(body.stage));
  const isRising = places.every((place, index) => place > (places[index - 1] ?? -1));
  if (isRising) return [];
  const tried = places.map((place) => order[place] ?? "what is not in the plan").join(", ");
  return [{ law: "stage order", message: `${run.run}: ${tried}` }];
}
