/**
 * Laws of thresholds with a timeframe, judged anew on root's interval log: after each interval everything that has passed
 * is looked at once more, second by second. And of the tag that lets them speak of one zone.
 */
import type { Violation } from "../evidence.ts";
import type { PlanBody, ThresholdBody } from "../events.ts";
import type { Frame } from "../frame.ts";
import { addBuckets, highestOf } from "../histogram.ts";
import { reportsOf } from "../reports.ts";
import { eventsOf, type RunView, type View } from "../view.ts";

export const timeframeLaws = ({ runs }: View): readonly Violation[] =>
  runs.flatMap((run) => [...zoneTags(run), ...judgements(run), ...stops(run)]);

/** What an agent measured carries the name of its zone. */
function zoneTags(run: RunView): readonly Violation[] {
  return [...run.agentIntervals].flatMap(([agent, carried]) => {
    const zone = agent.slice(0, agent.indexOf("/"));
    const wrong = carried
      .flatMap(({ frame }) => [...frame.definitions.values()])
      .find(({ tags }) => tags["zone"] !== zone);
    if (wrong === undefined) return [];
    const message = `${run.run}: ${wrong.metric} of ${agent} has the zone "${wrong.tags["zone"]}"`;
    return [{ law: "zone tag", message }];
  });
}

interface Asked {
  readonly metric: string;
  readonly text: string;
  readonly method: string;
  readonly percent: number;
  readonly limit: number;
  readonly logic: string;
  readonly seconds: number;
  readonly delayMs: number;
}

const FORM = /^(\w+)(?:\(([\d.]+)\))?<([\d.]+) (for|within|over) (\d+)s$/;

function asked(metric: string, { delayAbortEvalMs, threshold }: ThresholdBody): Asked | undefined {
  const [, method = "", percent = "", limit = "", logic = "", seconds = ""] = FORM.exec(threshold) ?? [];
  if (logic === "") return undefined;
  const numbers = { percent: Number(percent), limit: Number(limit), seconds: Number(seconds) };
  return { metric, text: threshold, method, logic, delayMs: delayAbortEvalMs, ...numbers };
}

const allAsked = ({ plan }: RunView): readonly Asked[] =>
  Object.entries(plan?.thresholds ?? {}).flatMap(([metric, list]) =>
    list.flatMap((each) => asked(metric, each) ?? []),
  );

/** All samples of one second. */
interface Second {
  sum: number;
  count: number;
  min: number;
  max: number;
  readonly buckets: Map<number, number>;
}

const nothing = (): Second => ({ sum: 0, count: 0, min: Infinity, max: 0, buckets: new Map() });

function add(second: Second, more: Omit<Second, "sum"> & { readonly sum: number }): void {
  if (more.count === 0) return;
  second.sum += more.sum;
  second.count += more.count;
  second.min = Math.min(second.min, more.min);
  second.max = Math.max(second.max, more.max);
  addBuckets(second.buckets, more.buckets);
}

function figureOf({ method, percent }: Asked, { buckets, count, max, min, sum }: Second): number | undefined {
  if (count === 0) return undefined;
  if (method === "rate") return sum / count;
  if (method === "avg") return sum / count / 1000;
  let left = Math.max(1, Math.ceil((percent * 1e6 * count) / 1e8 - 1e-9));
  for (const [bucket, samples] of [...buckets].toSorted(([a], [b]) => a - b)) {
    left -= samples;
    if (left <= 0) return Math.min(max, Math.max(min, highestOf(bucket))) / 1000;
  }
  return max / 1000;
}

interface Breach {
  readonly interval: number;
  readonly windows: readonly [number, number];
  readonly observed: number;
}

interface Found {
  readonly judgement: string;
  readonly breach: Breach | undefined;
}

/** The log of a run told again, interval by interval. */
class Retelling {
  readonly #of: Asked;
  readonly #run: RunView;
  readonly #plan: PlanBody;
  readonly #seconds: Second[] = [];
  readonly #span: number;
  #newest = -1;
  breach: Breach | undefined;

  constructor(of: Asked, run: RunView, plan: PlanBody) {
    this.#of = of;
    this.#run = run;
    this.#plan = plan;
    this.#span = 1000 / plan.windowMs;
  }

  tell(frame: Frame): void {
    const second = Math.floor(frame.window / this.#span);
    while (this.#seconds.length <= second) this.#seconds.push(nothing());
    const [name = "", tag = "", value = ""] = this.#of.metric.split(/[{:}]/);
    for (const each of frame.series) {
      const { metric, tags } = this.#run.definitions.get(each.id) ?? { metric: "", tags: {} };
      const isAsked = metric === name && (tag === "" || (tags as Record<string, string>)[tag] === value);
      if (isAsked) add(this.#seconds[second] as Second, { ...each, sum: Number(each.sum) });
    }
    this.#newest = Math.max(this.#newest, frame.window);
    this.breach ??= this.#look(Math.floor((this.#newest + 1) / this.#span) - 1, frame.number);
  }

  /** The first second that ends a breach, among those up to `last`. */
  #look(last: number, interval: number): Breach | undefined {
    const ends = Array.from({ length: Math.min(last, this.#lastOfLoad()) + 1 }, (_, end) => end);
    for (const end of ends.filter((each) => (each + 1) * 1000 > this.#of.delayMs)) {
      const seen = this.#of.logic === "for" ? this.#row(end) : this.#slide(end);
      if (seen === undefined || seen.observed < this.#of.limit) continue;
      const to = Math.min((end + 1) * this.#span - 1, this.#newest);
      return { interval, windows: [seen.from * this.#span, to], observed: seen.observed };
    }
    return undefined;
  }

  #lastOfLoad(): number {
    const ends = Object.values(this.#plan.scenarios).map(
      ({ durationMs, maxDurationMs, stages = [], startTimeMs }) =>
        startTimeMs +
        (durationMs ?? maxDurationMs ?? stages.reduce((sum, stage) => sum + stage.durationMs, 0)),
    );
    return Math.floor(Math.max(...ends) / 1000) - 1;
  }

  #slide(end: number) {
    const from = Math.max(0, end + 1 - this.#of.seconds);
    if (this.#of.logic === "over" && end + 1 < this.#of.seconds) return undefined;
    const all = nothing();
    for (const each of this.#seconds.slice(from, end + 1)) add(all, each);
    const observed = figureOf(this.#of, all);
    return observed === undefined ? undefined : { from, observed };
  }

  /** So many seconds with a figure before and with this one, all of them bad. */
  #row(end: number) {
    const figures = this.#seconds
      .slice(0, end + 1)
      .flatMap((each, second) => {
        const figure = figureOf(this.#of, each);
        return figure === undefined ? [] : [{ from: second, observed: figure }];
      })
      .slice(-this.#of.seconds);
    const last = figures.at(-1);
    const isRow = figures.length === this.#of.seconds && last?.from === end;
    if (!isRow || figures.some(({ observed }) => observed < this.#of.limit)) return undefined;
    return { from: figures[0]?.from ?? 0, observed: last.observed };
  }

  /** At the end of the log, with a last second that is not over. */
  get found(): Found {
    const last = Math.floor(this.#newest / this.#span);
    const breach = this.breach ?? this.#look(last, -1);
    if (breach !== undefined) return { judgement: "fail", breach };
    const ends = this.#seconds.slice(0, Math.min(last, this.#lastOfLoad()) + 1);
    const hasLooked = ends.some((each, end) => {
      if ((end + 1) * 1000 <= this.#of.delayMs) return false;
      return this.#of.logic === "for" ? each.count > 0 : this.#slide(end) !== undefined;
    });
    return { judgement: hasLooked ? "pass" : "no data", breach };
  }
}

function retold(of: Asked, run: RunView, frames: readonly Frame[]): Retelling | undefined {
  if (run.plan === undefined) return undefined;
  const retelling = new Retelling(of, run, run.plan);
  for (const frame of frames) retelling.tell(frame);
  return retelling;
}

/** Every report judges them as the log that it has read says, in the same windows and by the same figure. */
function judgements(run: RunView): readonly Violation[] {
  return reportsOf(run).flatMap(({ read, summary }) =>
    allAsked(run).flatMap((of): readonly Violation[] => {
      const said = summary.thresholds?.find(
        ({ metric, threshold }) => metric === of.metric && threshold === of.text,
      );
      const found = retold(
        of,
        run,
        read.map(({ frame }) => frame),
      )?.found;
      if (said === undefined || found === undefined) return [];
      const [is, must] = [
        textOf(said.judgement, said.frame?.windows, said.observed),
        textOf(found.judgement, found.breach?.windows, found.breach?.observed),
      ];
      if (is === must) return [];
      const message = `${run.run}: ${of.metric} ${of.text} is judged ${is}, the log says ${must}`;
      return [{ law: "timeframes", message }];
    }),
  );
}

/** Only of a breach it is said here when it was. */
const textOf = (judgement: string, windows: readonly number[] | undefined, observed: number | undefined) =>
  judgement === "fail" ? `fail in ${windows?.join(" to ")} by ${observed}` : judgement;

/** A run that one of them ended was ended at the first interval that shows it. */
function stops(run: RunView): readonly Violation[] {
  const { evidence } = eventsOf(run, "RunStopping")[0]?.body ?? {};
  const of = allAsked(run).find(
    ({ metric, text }) => metric === evidence?.metric && text === evidence.threshold,
  );
  if (evidence === undefined || of === undefined) return [];
  const frames = run.intervals.map(({ frame }) => frame);
  const breach = retold(of, run, frames)?.breach;
  const said = { interval: evidence.interval, windows: evidence.windows, observed: evidence.observed };
  if (JSON.stringify(said) === JSON.stringify(breach)) return [];
  const message = `${run.run}: stopped by ${JSON.stringify(said)}, the log shows ${JSON.stringify(breach)}`;
  return [{ law: "abort", message }];
}
