/**
 * The laws for which all this exists: what is reported is what the target saw, sample by sample and bucket by bucket, and
 * what is missing is declared. Every sum is made anew from the target's book and from the frames of the agents.
 */
import { isMeasured, measuredOf } from "../measured.ts";
import { endsOf, plannedOf, samplesOf } from "../book.ts";
import type { Seen, Violation } from "../evidence.ts";
import type { LineBody, LossBody, PlanBody } from "../events.ts";
import type { Frame } from "../frame.ts";
import { type Report, reportsOf } from "../reports.ts";
import { differences, type Total, type Totals, totalsOf } from "../totals.ts";
import { eventsOf, finishesOf, lostOf, type RunView, sourceOf, type View } from "../view.ts";

const METRICS = ["http_reqs", "http_req_failed", "http_req_duration"] as const;

export const numberLaws = ({ runs }: View): readonly Violation[] =>
  runs.flatMap((view) => [
    ...mergeLaw(view),
    ...agentLaw(view),
    ...reportsOf(view).flatMap((report) => [...countLaw(view, report), ...ledgerLaw(view, report)]),
    ...declaredLaw(view),
  ]);

const onlyRequests = (totals: Totals): Totals =>
  new Map([...totals].filter(([key]) => METRICS.some((metric) => key.startsWith(`${metric} `))));

const violations = (law: string, messages: readonly string[]): readonly Violation[] =>
  messages.slice(0, 5).map((message) => ({ law, message }));

const coveredBy = (frames: readonly Frame[]): ReadonlySet<string> =>
  new Set(
    frames.flatMap(({ adds }) =>
      adds.flatMap(({ ranges, source }) =>
        ranges.flatMap(([from, to]) =>
          Array.from({ length: to - from + 1 }, (_, n) => `${source} ${from + n}`),
        ),
      ),
    ),
  );

const firstOf = (frames: readonly Frame[]): readonly Frame[] => {
  const known = new Map<string, Frame>();
  for (const frame of frames) {
    const key = `${frame.source} ${frame.number}`;
    if (!known.has(key)) known.set(key, frame);
  }
  return [...known.values()];
};

/** The frames of agents that are inside root's log, by way of their zones. */
const countedAgentFrames = (view: RunView): readonly Frame[] =>
  agentFramesIn(view, coveredBy(view.intervals.map(({ frame }) => frame)));

/** The same of what any node's log covers: of zones below a zone as of zones below root. */
function agentFramesIn(view: RunView, covered: ReadonlySet<string>): readonly Frame[] {
  return [...view.zoneIntervals].flatMap(([zone, carried]) => {
    const merged = firstOf(carried.map(({ frame }) => frame)).filter((f) =>
      covered.has(`${f.source} ${f.number}`),
    );
    if (merged.length === 0) return [];
    const inZone = coveredBy(merged);
    const ofAgents = [...view.agentIntervals]
      .filter(([agent]) => agent.startsWith(`${zone}/`))
      .flatMap(([, each]) => firstOf(each.map(({ frame }) => frame)))
      .filter(({ number, source }) => inZone.has(`${source} ${number}`));
    return [...ofAgents, ...agentFramesIn(view, inZone)];
  });
}

/** What root has is the sum of the agents' frames inside it, whatever lay between. */
function mergeLaw(view: RunView): readonly Violation[] {
  const merged = totalsOf(
    view.intervals.map(({ frame }) => frame),
    view.definitions,
  );
  const sums = totalsOf(countedAgentFrames(view), view.definitions);
  return violations(
    "merge",
    differences(merged, sums).map((line) => `${view.run}, root and the sum of its agents: ${line}`),
  );
}

const byAgent = (seen: readonly Seen[]): ReadonlyMap<string, readonly Seen[]> =>
  Map.groupBy(seen, (each) => sourceOf(each));

/** What an agent that stated its end has published is what the target saw of it, and so are its totals. */
function agentLaw(view: RunView): readonly Violation[] {
  const lost = lostOf(view);
  const seen = byAgent(view.seen);
  const short = zonesWithAside(view);
  return [...finishesOf(view)].flatMap(([agent, finish]): readonly Violation[] => {
    if (lost.has(agent) || short.has(agent.slice(0, agent.indexOf("/")))) return [];
    const book = (seen.get(agent) ?? []).filter((each) => isMeasured(view, each));
    const source = agent.slice(agent.indexOf("/") + 1);
    const carried = view.agentIntervals.get(agent.slice(0, agent.lastIndexOf("."))) ?? [];
    const frames = firstOf(carried.map(({ frame }) => frame)).filter((frame) => frame.source === source);
    const published = measuredOf(view, onlyRequests(totalsOf(frames, view.definitions)));
    const unanswered = book.filter(({ isAnswered }) => !isAnswered).length;
    return [
      ...violations(
        "agent counts",
        differences(samplesOf(book), published).map(
          (line) => `${view.run}, target and agent ${agent}: ${line}`,
        ),
      ),
      ...(unanswered === (finish.interruptedRequests ?? 0)
        ? []
        : violations("declared", [
            `${agent} states ${finish.interruptedRequests ?? 0} cut requests, not ${unanswered}`,
          ])),
      ...tallyFaults(view, agent, finish.tallies, book),
    ];
  });
}

/** Zones that declare that they could not count all that their agents stated. */
const zonesWithAside = (view: RunView): ReadonlySet<string> =>
  new Set(
    eventsOf(view, "ZoneFinished").flatMap(({ body }) =>
      body.aside === undefined ? [] : [body.zone, ...body.agents.map(({ zone }) => zone ?? body.zone)],
    ),
  );

function tallyFaults(
  view: RunView,
  agent: string,
  tallies: Readonly<
    Record<
      string,
      { planned: number; started: number; completed: number; interrupted: number; dropped: number }
    >
  >,
  book: readonly Seen[],
): readonly Violation[] {
  return Object.entries(tallies).flatMap(([scenario, tally]) => {
    const ends = endsOf(book.filter((each) => each.scenario === scenario));
    const { completed, dropped, interrupted, planned, started } = tally;
    const isRight =
      started === ends.started &&
      completed === ends.completed &&
      interrupted === ends.interrupted &&
      planned === completed + interrupted + dropped;
    const message = `${view.run}, agent ${agent}, ${scenario}: states ${JSON.stringify(tally)}, the target saw ${JSON.stringify(ends)}`;
    return isRight ? [] : [{ law: "ledger", message }];
  });
}

/** No zone had to put anything aside. */
const isUndisputed = (view: RunView): boolean => zonesWithAside(view).size === 0;

/** A whole report of a run that lost nobody is the target's book; any other has no more than it, and lacks only the lost. */
function countLaw(view: RunView, report: Report): readonly Violation[] {
  const lost = lostOf(view);
  const name = `${view.run}, report ${report.revision}`;
  const all = onlyRequests(
    totalsOf(
      report.read.map(({ frame }) => frame),
      view.definitions,
    ),
  );
  const reported = measuredOf(view, all);
  const measured = view.seen.filter((each) => isMeasured(view, each));
  const own = headlineFaults(name, report, all);
  if (eventsOf(view, "RunStarted").length === 0) return own;
  const kept = measured.filter((each) => !lost.has(sourceOf(each)));
  const isExact = report.isWhole && isUndisputed(view);
  if (isExact && kept.length === measured.length && lost.size === 0) {
    const lines = differences(samplesOf(measured), reported).map(
      (line) => `${name}, target and report: ${line}`,
    );
    return [...own, ...violations("counts", lines)];
  }
  const atLeast = isExact ? samplesOf(kept) : new Map<string, Total>();
  return [...own, ...violations("bounds", beyond(name, atLeast, reported, samplesOf(view.seen)))];
}

/** Bucket by bucket: no less than the one, no more than the other. */
function beyond(name: string, least: Totals, reported: Totals, most: Totals): readonly string[] {
  const keys = [...new Set([...least.keys(), ...reported.keys()])].toSorted();
  return keys.flatMap((key) => {
    const [low, is, high] = [least.get(key), reported.get(key), most.get(key)];
    const buckets = new Set([...(low?.buckets.keys() ?? []), ...(is?.buckets.keys() ?? [])]);
    const outside = [...buckets].filter((bucket) => {
      const count = is?.buckets.get(bucket) ?? 0;
      return count < (low?.buckets.get(bucket) ?? 0) || count > (high?.buckets.get(bucket) ?? 0);
    });
    const sum = is?.sum ?? 0n;
    const isSumOut = sum < (low?.sum ?? 0n) || sum > (high?.sum ?? 0n);
    if (outside.length === 0 && !isSumOut) return [];
    return [
      `${name}, ${key}: ${sum} is not from ${low?.sum ?? 0n} to ${high?.sum ?? 0n}; buckets ${outside.join(" ")}`,
    ];
  });
}

/** The figure that people read is the sum of what root's log says. */
function headlineFaults(name: string, { summary }: Report, reported: Totals): readonly Violation[] {
  const stated = summary.metrics["http_reqs"]?.values["count"] ?? 0;
  const sum = [...reported].reduce(
    (all, [key, { sum }]) => (key.startsWith("http_reqs ") ? all + sum : all),
    0n,
  );
  if (BigInt(stated) * 1_000_000n === sum) return [];
  return [
    { law: "counts", message: `${name} says ${stated} requests, its intervals hold ${sum} millionths` },
  ];
}

/** planned = completed + interrupted + dropped + lost, each made anew from the plan and the target's book. */
function ledgerLaw(view: RunView, report: Report): readonly Violation[] {
  const { plan } = view;
  if (plan === undefined || eventsOf(view, "RunStarted").length === 0) return [];
  const isExact = report.isWhole && isUndisputed(view) && lostOf(view).size === 0;
  const sums = isExact ? plannedFaults(view, plan.scenarios) : [];
  const { agents, scenarios, total } = report.summary.ledger;
  const lines = [...Object.entries(scenarios), ["total", total] as const, ...Object.entries(agents)];
  const unbalanced = lines.filter(([, line]) => report.isWhole && isUndisputed(view) && !isBalanced(line));
  return [
    ...sums,
    ...unbalanced.map(([name]) => ({
      law: "ledger",
      message: `${view.run}: the line of ${name} does not balance`,
    })),
    ...Object.entries(plan.scenarios).flatMap(([name, scenario]): readonly Violation[] => {
      const line = scenarios[name];
      const ends = endsOf(view.seen.filter((each) => each.scenario === name));
      const planned = plannedOf(scenario) ?? (isExact ? ends.started : line?.planned);
      const wrong = line === undefined ? ["it has no line"] : lineFaults(line, ends, planned, isExact);
      return wrong.map((what) => ({
        law: "ledger",
        message: `${view.run}, report ${report.revision}, ${name}: ${what}`,
      }));
    }),
  ];
}

/** The agents' parts of the plan are the plan, where everybody has begun. */
function plannedFaults(view: RunView, scenarios: PlanBody["scenarios"]): readonly Violation[] {
  const finishes = [...finishesOf(view).values()];
  if (finishes.some(({ endedAt }) => endedAt === 0)) return [];
  return Object.entries(scenarios).flatMap(([name, scenario]): readonly Violation[] => {
    const planned = plannedOf(scenario);
    const stated = finishes.reduce((sum, { tallies }) => sum + (tallies[name]?.planned ?? 0), 0);
    if (planned === undefined || planned === stated) return [];
    return [
      {
        law: "ledger",
        message: `${view.run}, ${name}: agents state ${stated} planned, the plan has ${planned}`,
      },
    ];
  });
}

const isBalanced = ({ completed, dropped, interrupted, lost, planned }: LineBody): boolean =>
  planned === completed + interrupted + dropped + lost;

function lineFaults(
  line: LineBody,
  ends: { readonly completed: number; readonly interrupted: number },
  planned: number | undefined,
  isExact: boolean,
): readonly string[] {
  const faults: string[] = [];
  if (line.planned !== planned) faults.push(`${line.planned} planned, the plan has ${planned}`);
  if (line.completed > ends.completed)
    faults.push(`${line.completed} completed, the target saw ${ends.completed}`);
  if (!isExact) return faults;
  if (line.completed < ends.completed)
    faults.push(`${line.completed} completed, the target saw ${ends.completed}`);
  if (line.interrupted !== ends.interrupted) {
    faults.push(`${line.interrupted} interrupted, the target saw ${ends.interrupted}`);
  }
  if (line.lost !== 0) faults.push(`${line.lost} lost, but nobody was`);
  return faults;
}

/** Whoever the target saw has stated its end or is declared lost, once the run has its verdict and nothing is awaited. */
function declaredLaw(view: RunView): readonly Violation[] {
  const [last] = reportsOf(view).slice(-1);
  if (last === undefined || !last.isWhole) return [];
  const known = new Set([...finishesOf(view).keys(), ...lostOf(view)]);
  const declared = new Set(last.summary.completeness.agents.lost);
  const silent = [...byAgent(view.seen).keys()].filter((agent) => !known.has(agent));
  const undeclared = eventsOf(view, "AgentLost")
    .filter(
      ({ body: { loss, zone } }) =>
        isMember(view, zone, loss) &&
        !declared.has(loss.agent) &&
        !finishesOf(view).has(`${zone}/${loss.agent}.${loss.incarnation}`),
    )
    .map(({ body }) => body.loss);
  return [
    ...violations(
      "declared",
      silent.map((agent) => `${view.run}: the target saw ${agent}, the log knows no end of it`),
    ),
    ...violations(
      "declared",
      undeclared.map(({ agent }) => `${view.run}: the report does not name lost ${agent}`),
    ),
  ];
}

const isMember = (view: RunView, zone: string, { agent, incarnation }: LossBody): boolean =>
  eventsOf(view, "ZoneReady").some(({ body }) =>
    body.members.some(
      (member) =>
        (member.zone ?? body.zone) === zone && member.agent === agent && member.incarnation === incarnation,
    ),
  );
