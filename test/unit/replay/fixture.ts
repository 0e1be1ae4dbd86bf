/**
 * A small finished run as its two logs: decided by root's own functions, chained like a journal, measured by the
 * intervals of the summary's fixture. And ways to spoil a copy of them.
 */
import { encodeBody } from "../../../src/domain/log/codec.ts";
import { link } from "../../../src/domain/log/chain.ts";
import { decodeHead, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { decide } from "../../../src/domain/run/decide.ts";
import type { RunInput } from "../../../src/domain/run/input.ts";
import { evolve } from "../../../src/domain/run/evolve.ts";
import { proceed } from "../../../src/domain/run/proceed.ts";
import { newRun, type RunState } from "../../../src/domain/run/state.ts";
import type { Entry } from "../../../src/domain/replay/difference.ts";
import { Replay, type Replayed } from "../../../src/domain/replay/replay.ts";
import type { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import { AbortWatch, causeOfBreach } from "../../../src/domain/threshold/abort-watch.ts";
import { findingsIn, findingsOf, metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { requestOf } from "../plan/request.ts";
import { rootLog } from "../summary/fixture.ts";

export const RUN = "mhzk-1";
const START = 1_790_000_000_000_000;
const OPTIONS = {
  scenarios: { shoppers: { executor: "shared-iterations", vus: 4, iterations: 60 } },
  thresholds: { http_req_failed: ["rate<0.2"], "http_req_duration{status:500}": ["max<1"] },
};

/** A run log in the making. */
class Log {
  readonly entries: Entry[] = [];
  state: RunState = newRun;

  give(input: RunInput): void {
    for (const event of decide(this.state, input)) this.append(event);
    for (let next = this.#next(); next.length > 0; next = this.#next()) next.forEach((e) => this.append(e));
  }

  #next(): readonly RunEvent[] {
    return proceed(this.state, { now: START, zones: ["a", "b"], leadUs: 300_000 });
  }

  append(event: RunEvent): void {
    const count = this.entries.length;
    const envelope = {
      id: `${RUN}.${count}.1`,
      type: event.type,
      version: 1,
      time: START + count,
      epoch: 1,
      actor: "root-1",
      correlation: RUN,
      causation: "",
    };
    const data = encodeBody(event);
    const previous = this.entries.at(-1)?.envelope.hash ?? "";
    this.entries.push({ sequence: 10 + count, envelope: link(envelope, data, previous), data });
    this.state = evolve(this.state, event);
  }
}

const tally = (n: number) => ({ planned: n, started: n, completed: n, interrupted: 0, dropped: 0 });

const finish = (zone: string, iterations: number): ZoneEvent => ({
  type: "ShareFinished",
  run: RUN,
  incarnation: 1,
  intervals: 2,
  agents: [
    {
      agent: `${zone}-1`,
      incarnation: 1,
      tallies: { shoppers: tally(iterations) },
      intervals: 2,
      lastRequestAt: START + 1_900_000,
      endedAt: START + 2_000_000,
      startLateUs: 0,
      clockOffsetUs: 10,
      clockErrorUs: 5,
      whole: true,
    },
  ],
});

const ready = (zone: string): ZoneEvent => ({
  type: "ShareReady",
  run: RUN,
  incarnation: 1,
  members: [{ agent: `${zone}-1`, incarnation: 1, workers: 1, host: "h" }],
});

const fact = (zone: string, event: ZoneEvent): RunInput => ({
  type: "ZoneFact",
  zone,
  event,
  origin: { stream: `MESH_UP_${zone}_EVENTS`, sequence: 1, id: `zone.${zone}.1.1` },
});

export interface Logs {
  readonly events: readonly Entry[];
  readonly intervals: readonly Entry[];
}

/** The intervals of root's log, as they are stored, and behind them so many windows without data. */
function storedIntervals(more: number): readonly Entry[] {
  const measured = rootLog();
  const last = decodeHead(measured.at(-1) as Uint8Array);
  const empty = Array.from({ length: more }, (_, index) => {
    const head = { ...last, number: last.number + 1 + index, window: last.window + 1 + index };
    return encodeInterval({ ...head, adds: [], health: [] }, definitionsOf([]), []);
  });
  return [...measured, ...empty].map((data, index) => {
    const { number, source } = decodeHead(data);
    const envelope = {
      id: `${RUN}/${source}/${number}/1`,
      type: "Interval",
      version: 1,
      time: START + index,
      epoch: 1,
      actor: "root-1",
      correlation: RUN,
      causation: "",
    };
    return { sequence: 4 + index, envelope, data };
  });
}

interface Course {
  /** Puts a stage between summary and verdict. */
  readonly hasHandleSummary?: boolean;
  /** So many of its last intervals come after the verdict. */
  readonly lateIntervals?: number;
  /** One of its thresholds ends the run when it is crossed. */
  readonly abortOnFail?: boolean;
  /** That threshold has a timeframe. */
  readonly isWindowed?: boolean;
}

/** The whole run. */
export const finishedRun = (hasHandleSummary = false): Logs => logsOf({ hasHandleSummary });
/** The same run, whose last interval came after the verdict. */
export const revisedRun = (): Logs => logsOf({ lateIntervals: 1 });
/** The same run, stopped by a threshold. */
export const abortedRun = (isWindowed = false): Logs => logsOf({ abortOnFail: true, isWindowed });

const aborting = (timeframe: string) => ({
  ...OPTIONS,
  thresholds: {
    "http_req_duration{status:500}": [{ threshold: `max<1${timeframe}`, abortOnFail: true }],
    http_reqs: "rate>1000 within 2s",
  },
});

/** What root would have found after one of its intervals. */
function breachIn({ plan }: RunState, intervals: readonly Entry[]): RunInput {
  if (plan === undefined) throw new Error("the run is planned");
  const [metrics, watch] = [metricsFor({ ...newRun, plan }), new AbortWatch(plan)];
  for (const { data } of intervals) {
    metrics.add(data);
    watch.judge(metrics, decodeHead(data));
  }
  if (watch.breach === undefined) throw new Error("the threshold is crossed");
  return { type: "Stop", cause: causeOfBreach(watch.breach), evidence: watch.breach };
}

function logsOf(course: Course): Logs {
  const { abortOnFail = false, hasHandleSummary = false, isWindowed = false, lateIntervals = 0 } = course;
  const log = new Log();
  const exports = ["default", "options", ...(hasHandleSummary ? ["handleSummary"] : [])];
  const zones = [
    { zone: "a", weight: 2 },
    { zone: "b", weight: 1 },
  ];
  const options = abortOnFail ? aborting(isWindowed ? " within 3s" : "") : OPTIONS;
  log.give({ type: "Plan", request: requestOf(options, { zones, agents: 2, exports }), actor: "ada@desk" });
  for (const zone of ["a", "b"]) log.give(fact(zone, ready(zone)));
  const intervals = storedIntervals(isWindowed ? 5 : 0);
  if (abortOnFail) log.give(breachIn(log.state, intervals));
  log.give(fact("a", finish("a", 40)));
  log.give(fact("b", finish("b", 20)));
  const onTime = intervals.length - lateIntervals;
  const metrics = metricsFor(log.state);
  for (const { data } of intervals.slice(0, onTime)) metrics.add(data);
  const { document, sha256 } = summarise(RUN, log.state, metrics);
  log.give({ type: "Summarised", intervals: onTime, sha256, summary: document });
  if (hasHandleSummary) log.give(fact("a", summaryDone));
  const late = lateIntervals === 0 ? {} : { late: { until: START + 1, zones: ["b"] } };
  log.give({ type: "Judged", findings: findingsOf(log.state), ...late });
  for (const { data } of intervals.slice(onTime)) metrics.add(data);
  if (lateIntervals > 0) log.give(revision(log.state, metrics, intervals.length));
  return { events: log.entries, intervals };
}

function revision(state: RunState, metrics: RunMetrics, intervals: number): RunInput {
  const { document, sha256 } = summarise(RUN, state, metrics);
  return { type: "Revised", intervals, sha256, summary: document, findings: findingsIn(document) };
}

const summaryDone: ZoneEvent = {
  type: "StageReported",
  run: RUN,
  stage: "summary",
  agent: "a-1",
  incarnation: 1,
  intervals: 2,
  value: { stdout: "two lines\nof text\n" },
};

export function replayOf({ events, intervals }: Logs): Replayed {
  const replay = new Replay(RUN);
  for (const event of events) replay.event(event);
  for (const interval of intervals) replay.interval(interval);
  return replay.result();
}

/** Without the first entry of this type. */
export const without = (entries: readonly Entry[], type: string): readonly Entry[] =>
  entries.filter((_, index) => index !== entries.findIndex(({ envelope }) => envelope.type === type));

/** With the body of the first entry of this type changed, and its headers as they were. */
export const edited = (
  entries: readonly Entry[],
  type: string,
  change: (body: string) => string,
): readonly Entry[] =>
  entries.map((entry, index) =>
    index === entries.findIndex(({ envelope }) => envelope.type === type)
      ? { ...entry, data: new TextEncoder().encode(change(new TextDecoder().decode(entry.data))) }
      : entry,
  );

/** Chained anew, as somebody would who knows how; everything after the change fits again. */
export function chainedAnew(entries: readonly Entry[]): readonly Entry[] {
  let previous = "";
  return entries.map(({ data, envelope, sequence }) => {
    const linked = link(envelope, data, previous);
    previous = linked.hash ?? "";
    return { sequence, envelope: linked, data };
  });
}

/** With two neighbours in each other's place. */
export function swapped(entries: readonly Entry[], index: number): readonly Entry[] {
  const [first, second] = [entries[index], entries[index + 1]];
  if (first === undefined || second === undefined) throw new Error(`no neighbours at ${index}`);
  const moved = [
    { ...second, sequence: first.sequence },
    { ...first, sequence: second.sequence },
  ];
  return [...entries.slice(0, index), ...moved, ...entries.slice(index + 2)];
}
