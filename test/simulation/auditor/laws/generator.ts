/**
 * Laws of honesty: a run that went to its planned end is invalid for its generators exactly when its plan says so and
 * more than one in a hundred of an agent's arrivals were too late, counted from root's intervals, where they have all of
 * an agent's arrivals; else, in a large mesh, of those that it says it started. Each culprit is named.
 */
import type { PlanBody } from "../events.ts";
import type { Violation } from "../evidence.ts";
import { reportsOf } from "../reports.ts";
import { eventsOf, finishesOf, type RunView, type View } from "../view.ts";

export const generatorLaws = ({ runs }: View): readonly Violation[] => runs.flatMap(honesty);

/** Agents whose arrivals were late beyond what a plan with a budget for them allows. */
export function unfitOf(run: RunView, read: number): readonly string[] {
  const { intervals, plan } = run;
  if (plan?.generator?.scheduleLagMs === undefined) return [];
  const counts = new Map<string, { arrivals: number; late: number }>();
  for (const { frame } of intervals.slice(0, read)) {
    for (const { agent, arrivals, late } of frame.health) {
      const before = counts.get(agent) ?? { arrivals: 0, late: 0 };
      counts.set(agent, { arrivals: before.arrivals + arrivals, late: before.late + late });
    }
  }
  return [...counts].flatMap(([agent, { arrivals, late }]) =>
    late >= 2 && 100 * late > Math.max(arrivals, startedBy(run, plan, agent)) ? [agent] : [],
  );
}

/** Iterations of open models that an agent, `zone/agent`, says it started, or its zone of one that was lost. */
function startedBy(run: RunView, { scenarios }: PlanBody, agent: string): number {
  const losses = eventsOf(run, "AgentLost").filter(({ body }) => `${body.zone}/${body.loss.agent}` === agent);
  const stated = [...finishesOf(run)].filter(([name]) => name.startsWith(`${agent}.`));
  const finishes = [...stated.map(([, finish]) => finish), ...losses.map(({ body }) => body.loss)];
  const open = Object.keys(scenarios).filter((name) => scenarios[name]?.executor.endsWith("-arrival-rate"));
  const counts = finishes.flatMap(({ tallies }) => open.map((name) => tallies[name]?.started ?? 0));
  return counts.reduce((sum, started) => sum + started, 0);
}

function honesty(run: RunView): readonly Violation[] {
  const [report] = reportsOf(run);
  const verdict = eventsOf(run, "VerdictGiven")[0]?.body;
  if (report === undefined || verdict === undefined) return [];
  const unfit = unfitOf(run, report.read.length);
  const isJudge = run.plan?.generator?.onBreach === "invalid";
  const isOpen =
    eventsOf(run, "RunStopping").length === 0 && report.summary.completeness.mismatches.length === 0;
  const told = unfit.filter(
    (agent) =>
      !report.summary.generator.breaches?.some(({ message }) => message.startsWith(`agent ${agent} `)),
  );
  const bad = (message: string): Violation => ({ law: "generator", message: `${run.run}: ${message}` });
  return [
    ...told.map((agent) => bad(`${agent} was late beyond the budget, and no breach names it`)),
    ...(isOpen && isJudge && unfit.length > 0 && verdict.exitCode !== 97
      ? [bad(`exit ${verdict.exitCode} although ${unfit.join(", ")} could not keep the load`)]
      : []),
    ...(isOpen && verdict.exitCode === 97 && (unfit.length === 0 || !isJudge)
      ? [bad(`invalid although every agent kept the load: ${verdict.message}`)]
      : []),
  ];
}
