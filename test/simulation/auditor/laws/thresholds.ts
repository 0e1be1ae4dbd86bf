/** Laws of the verdict: thresholds judged anew on the target's samples, aborts on root's intervals, and what follows. */
import type { Seen, Violation } from "../evidence.ts";
import type { ThresholdBody } from "../events.ts";
import { areStagesSure, isMeasured } from "../measured.ts";
import { percentileOf } from "../histogram.ts";
import { type Report, reportsOf } from "../reports.ts";
import { unfitOf } from "./generator.ts";
import { totalsOf } from "../totals.ts";
import { endsOf } from "../book.ts";
import { eventsOf, lostOf, type RunView, type View, type ZoneView } from "../view.ts";

export const verdictLaws = (view: View): readonly Violation[] =>
  view.runs.flatMap((run) => [
    ...reportsOf(run)
      .filter((report) => isExact(run, report))
      .flatMap((report) => [...judgements(measured(run), report), ...percentiles(measured(run), report)]),
    ...breaches(run),
    ...outcomes(run),
    ...wholeness(view, run),
  ]);

/** The run as far as a report must hold it. */
const measured = (run: RunView): RunView => ({
  ...run,
  seen: run.seen.filter((each) => isMeasured(run, each)),
});

const isExact = (run: RunView, report: Report): boolean =>
  report.isWhole &&
  lostOf(run).size === 0 &&
  areStagesSure(run) &&
  !eventsOf(run, "ZoneFinished").some(({ body }) => body.aside !== undefined);

const OPERATORS: Readonly<Record<string, (figure: number, limit: number) => boolean>> = {
  "<": (figure, limit) => figure < limit,
  ">": (figure, limit) => figure > limit,
};

/** Those are judged by laws of their own. */
const hasTimeframe = (threshold: string): boolean => / (for|within|over) /.test(threshold);

function parts(threshold: string) {
  const [, method = "", argument = "", operator = "", limit = ""] =
    /^(\w+)(?:\(([\d.]+)\))?([<>])([\d.]+)$/.exec(threshold) ?? [];
  return { method, argument: Number(argument), holds: OPERATORS[operator], limit: Number(limit) };
}

/** The figure on which a threshold is judged; undefined without data. */
function figureOf(metric: string, threshold: string, seen: readonly Seen[]): number | undefined {
  const { argument, method } = parts(threshold);
  const scenario = /\{(?:scenario|group):(\w+)\}/.exec(metric)?.[1];
  const isOf = (each: Seen) => each.scenario === scenario || each.stage.endsWith(`/${scenario}`);
  const samples = seen.filter((each) => each.isAnswered && (scenario === undefined || isOf(each)));
  if (metric === "iterations") return endsOf(seen).completed;
  if (samples.length === 0) return undefined;
  if (metric === "http_req_failed")
    return samples.filter(({ status }) => status !== 200).length / samples.length;
  const sorted = samples.map(({ serviceUs }) => serviceUs).toSorted((a, b) => a - b);
  if (method === "avg") return sorted.reduce((sum, each) => sum + each, 0) / sorted.length / 1000;
  if (method === "max") return (sorted.at(-1) ?? 0) / 1000;
  return percentileOf(sorted, argument) / 1000;
}

const judge = (figure: number | undefined, threshold: string): string => {
  const { holds, limit } = parts(threshold);
  if (figure === undefined) return "no data";
  return holds?.(figure, limit) === true ? "pass" : "fail";
};

function judgements(run: RunView, report: Report): readonly Violation[] {
  return (report.summary.thresholds ?? []).flatMap(
    ({ judgement, metric, threshold }): readonly Violation[] => {
      if (hasTimeframe(threshold)) return [];
      const expected = judge(figureOf(metric, threshold, run.seen), threshold);
      // A counter that counted nothing is 0 or has no data, by whether anybody came far enough to begin it.
      const isNothing =
        metric === "iterations" && judgement === "no data" && endsOf(run.seen).completed === 0;
      if (expected === judgement || isNothing) return [];
      const message = `${run.run}: ${metric} ${threshold} is judged "${judgement}", the samples say "${expected}"`;
      return [{ law: "thresholds", message }];
    },
  );
}

/** The columns that people read, from sorted samples. */
function percentiles(run: RunView, report: Report): readonly Violation[] {
  const values = report.summary.metrics["http_req_duration"]?.values;
  if (values === undefined) return [];
  const sorted = run.seen
    .filter(({ isAnswered }) => isAnswered)
    .map(({ serviceUs }) => serviceUs)
    .toSorted((a, b) => a - b);
  const expected = {
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    med: percentileOf(sorted, 50),
    "p(90)": percentileOf(sorted, 90),
    "p(95)": percentileOf(sorted, 95),
  };
  return Object.entries(expected).flatMap(([column, us]) =>
    values[column] === us / 1000
      ? []
      : [
          {
            law: "percentiles",
            message: `${run.run}: ${column} is ${values[column]} ms, the samples say ${us / 1000}`,
          },
        ],
  );
}

/** The first interval of root's log at which a threshold that ends the run is crossed; undefined when none is. */
function firstBreach(run: RunView, metric: string, threshold: ThresholdBody): number | undefined {
  const windowMs = run.plan?.windowMs ?? 1000;
  let highest = -1;
  for (const [index, { frame }] of run.intervals.entries()) {
    highest = Math.max(highest, frame.window);
    if (threshold.delayAbortEvalMs >= (highest + 1) * windowMs) continue;
    const read = run.intervals.slice(0, index + 1).map((each) => each.frame);
    const failed = [...totalsOf(read, run.definitions)].filter(([key]) => key.startsWith(`${metric} `));
    const count = failed.reduce((sum, [, total]) => sum + total.count, 0);
    const rate = Number(failed.reduce((sum, [, total]) => sum + total.sum, 0n)) / count;
    if (count > 0 && judge(rate, threshold.threshold) === "fail") return frame.number;
  }
  return undefined;
}

/** A run that a threshold ended was ended at the first interval that shows it; one that it should have ended, was. */
function breaches(run: RunView): readonly Violation[] {
  const watched = (run.plan?.thresholds["http_req_failed"] ?? []).filter(
    ({ abortOnFail, threshold }) => abortOnFail && !hasTimeframe(threshold),
  );
  return watched.flatMap((threshold): readonly Violation[] => {
    const first = firstBreach(run, "http_req_failed", threshold);
    const { evidence } = eventsOf(run, "RunStopping")[0]?.body ?? {};
    const isOfThis = evidence?.metric === "http_req_failed" && evidence.threshold === threshold.threshold;
    if (isOfThis && evidence.interval !== first) {
      const message = `${run.run}: stopped at interval ${evidence.interval}, the log shows it at ${first}`;
      return [{ law: "abort", message }];
    }
    return [];
  });
}

const CODES: Readonly<Record<string, readonly number[]>> = {
  passed: [0],
  failed: [99],
  aborted: [105, 108],
  invalid: [97],
  errored: [100, 101, 107, 111, 112],
};

/** Outcome and exit code fit; whoever passed had nothing against it. */
function outcomes(run: RunView): readonly Violation[] {
  const verdict = eventsOf(run, "VerdictGiven")[0]?.body;
  if (verdict === undefined) return [];
  const failed = (reportsOf(run)[0]?.summary.thresholds ?? []).some(({ judgement }) => judgement !== "pass");
  const cause = eventsOf(run, "RunStopping").length > 0;
  const isFit = CODES[verdict.outcome]?.includes(verdict.exitCode) === true;
  const isPassed = verdict.outcome === "passed";
  return [
    ...(isFit
      ? []
      : [{ law: "verdict", message: `${run.run}: ${verdict.outcome} with ${verdict.exitCode}` }]),
    ...(isPassed && !areLossesTolerated(run)
      ? [{ law: "verdict", message: `${run.run} passed although it lost more agents than its plan allows` }]
      : []),
    ...(isPassed && (failed || cause)
      ? [{ law: "verdict", message: `${run.run} passed although it did not` }]
      : []),
  ];
}

/** Numbers that cannot be trusted have a reason: somebody was lost, or a zone says what it could not count. */
function wholeness(view: View, run: RunView): readonly Violation[] {
  const isExcused =
    lostOf(run).size > 0 || eventsOf(run, "ZoneFinished").some(({ body }) => body.aside !== undefined);
  const mismatches = reportsOf(run)
    .filter(({ isWhole }) => isWhole && !isExcused)
    .flatMap(({ summary }) => summary.completeness.mismatches);
  const isCutShort = view.zones.some((zone) => isLostAfterItsEnd(zone, run));
  const invalid = eventsOf(run, "VerdictGiven").filter(
    // Of generators that could not keep the load another law knows.
    ({ body }) =>
      body.outcome === "invalid" && !isCutShort && unfitOf(run, run.intervals.length).length === 0,
  );
  return [
    ...mismatches.slice(0, 3).map((line) => ({ law: "whole", message: `${run.run}: ${line}` })),
    ...invalid.map(({ body }) => ({ law: "whole", message: `${run.run} is invalid: ${body.message}` })),
  ];
}

function areLossesTolerated(run: RunView): boolean {
  const members = eventsOf(run, "ZoneReady").flatMap(({ body }) =>
    body.members.map(({ agent, workers, zone }) => ({ name: `${zone ?? body.zone}/${agent}`, workers })),
  );
  const agents = new Set(eventsOf(run, "AgentLost").map(({ body }) => `${body.zone}/${body.loss.agent}`));
  const workers = eventsOf(run, "WorkerLost")
    .map(({ body }) => members.find(({ name }) => name === `${body.zone}/${body.agent}`))
    .filter((member) => member !== undefined && !agents.has(member.name))
    .reduce((sum, member) => sum + 1 / (member?.workers ?? 1), 0);
  const lost = agents.size + workers;
  const { onAgentLoss } = run.plan ?? {};
  if (lost === 0) return eventsOf(run, "ZoneLost").length === 0;
  return onAgentLoss?.do === "tolerate" && (lost / members.length) * 100 <= (onAgentLoss.percent ?? 0) + 1e-6;
}

/** An agent stated its end and died before all that it stated had left it: nobody can have that, and the zone says so. */
function isLostAfterItsEnd({ events }: ZoneView, { run }: RunView): boolean {
  const ended = new Set<string>();
  return events.some(({ body, type }) => {
    if (type === "AgentFinished" && body.run === run)
      ended.add(`${body.finish.agent}.${body.finish.incarnation}`);
    return (
      type === "AgentLost" &&
      body.loss.zone === undefined &&
      ended.has(`${body.loss.agent}.${body.loss.incarnation}`)
    );
  });
}
