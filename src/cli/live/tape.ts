/**
 * The last two minutes of a run, second by second, from what each of root's intervals added to the folded log. Counts go to
 * the second of their window, also late ones; latencies are those of the samples that came in that second.
 */
import type { Plan, Scenario } from "../../../streams/schema/plan.ts";
import type { FrameHead } from "../../domain/interval/head.ts";
import { type HealthSample, maximaOf } from "../../domain/interval/health.ts";
import { emptyMark, markOf, quantilesSince, type TrendMark } from "../../domain/metric/trend-mark.ts";
import type { Trend } from "../../domain/metric/trend.ts";
import { isOpen } from "../../domain/pace/target.ts";
import type { RunMetrics } from "../../domain/summary/run-metrics.ts";

/** One character of a sparkline is a second, or a window where that is longer. */
const TICK_MS = 1000;
const KEPT_TICKS = 120;
/** What "now" means: long enough to be calm, short enough to see a change. */
const RECENT_TICKS = 5;
export const PERCENTS = [50, 95, 99] as const;

export interface Counts {
  readonly iterations: number;
  /** Iterations started of scenarios of the open model. */
  readonly arrivals: number;
  readonly dropped: number;
  /** Of scenarios of the open model. */
  readonly arrivalsDropped: number;
  readonly requests: number;
  /** Failed requests, and of how many that is known. */
  readonly failed: number;
  readonly judged: number;
}

export interface Tick {
  readonly index: number;
  counts: Counts;
  vus: number;
  health: HealthSample | undefined;
  /** µs, one for each of `PERCENTS`; empty without samples, or before the second is over. */
  quantiles: readonly number[];
}

export interface Recent {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: Counts;
  readonly health: HealthSample | undefined;
  readonly quantiles: readonly number[];
}

const nothing: Counts = {
  iterations: 0,
  arrivals: 0,
  dropped: 0,
  arrivalsDropped: 0,
  requests: 0,
  failed: 0,
  judged: 0,
};
const NAMES = Object.keys(nothing) as (keyof Counts)[];

/** Requests, or iterations of a script that makes none. */
export type Latency = "http_req_duration" | "iteration_duration";

export class Tape {
  readonly #open: readonly string[];
  readonly #windowMs: number;
  readonly #tickMs: number;
  readonly #ticks: Tick[] = [];
  /** Latencies at the end of each of the last seconds. */
  #marks: { readonly index: number; readonly mark: TrendMark }[] = [];
  #totals: Counts = nothing;
  #window = -1;
  #latency: Latency = "iteration_duration";

  constructor({ scenarios, windowMs }: Plan) {
    this.#open = Object.keys(scenarios).filter((name) => isOpen(scenarios[name] as Scenario));
    this.#windowMs = windowMs;
    this.#tickMs = Math.max(TICK_MS, windowMs);
  }

  /** Takes what the interval of this head added; `metrics` has it already. */
  add(metrics: RunMetrics, { health, window }: FrameHead): void {
    const totals = totalsOf(metrics, this.#open);
    const added = combine(totals, this.#totals, -1);
    this.#totals = totals;
    const tick = this.#tick(Math.floor((window * this.#windowMs) / this.#tickMs));
    tick.counts = combine(tick.counts, added, 1);
    for (const each of health) tick.health = tick.health === undefined ? each : maximaOf(tick.health, each);
    const vus = metrics.cell("vus");
    if (vus?.kind === "gauge" && vus.isSet) tick.vus = vus.values.value;
    if (window <= this.#window) return;
    this.#window = window;
    this.#closeTicks(metrics);
  }

  #tick(index: number): Tick {
    let last = this.#ticks.at(-1);
    for (let next = last === undefined ? index : last.index + 1; next <= index; next += 1) {
      last = { index: next, counts: nothing, vus: 0, health: undefined, quantiles: [] };
      this.#ticks.push(last);
    }
    this.#ticks.splice(0, this.#ticks.length - KEPT_TICKS);
    // What is older than all that is kept counts for the oldest: nobody sees it any more.
    return this.#ticks.find((tick) => tick.index >= index) as Tick;
  }

  #closeTicks(metrics: RunMetrics): void {
    const last = this.#ticks.at(-1) as Tick;
    if (this.elapsedMs < (last.index + 1) * this.#tickMs) return;
    const trend = this.#trend(metrics);
    if (trend === undefined) return;
    last.quantiles = quantilesSince(trend, this.#marks.at(-1)?.mark ?? emptyMark, PERCENTS);
    this.#marks.push({ index: last.index, mark: markOf(trend) });
    this.#marks.splice(0, this.#marks.length - RECENT_TICKS - 1);
  }

  #trend(metrics: RunMetrics): Trend | undefined {
    const name = metrics.cell("http_req_duration") === undefined ? "iteration_duration" : "http_req_duration";
    if (name !== this.#latency) this.#marks = [];
    this.#latency = name;
    const cell = metrics.cell(name);
    return cell?.kind === "trend" ? cell : undefined;
  }

  /** How much of the run has numbers, by the highest window. */
  get elapsedMs(): number {
    return (this.#window + 1) * this.#windowMs;
  }

  get totals(): Counts {
    return this.#totals;
  }

  get latency(): Latency {
    return this.#latency;
  }

  /** Seconds that are over, oldest first. */
  get ticks(): readonly Tick[] {
    const over = Math.floor(this.elapsedMs / this.#tickMs);
    return this.#ticks.filter(({ index }) => index < over);
  }

  /** The last seconds together, the one that goes on included. */
  recent(metrics: RunMetrics): Recent {
    const last = this.#ticks.at(-1)?.index ?? 0;
    const from = Math.max(0, last - RECENT_TICKS + 1);
    const ticks = this.#ticks.filter(({ index }) => index >= from);
    const samples = ticks.map(({ health }) => health).filter((each) => each !== undefined);
    const trend = this.#trend(metrics);
    const mark = this.#marks.findLast(({ index }) => index < from)?.mark ?? emptyMark;
    return {
      fromMs: from * this.#tickMs,
      toMs: this.elapsedMs,
      counts: ticks.reduce((sum, { counts }) => combine(sum, counts, 1), nothing),
      health: samples.length === 0 ? undefined : samples.reduce(maximaOf),
      quantiles: trend === undefined ? [] : quantilesSince(trend, mark, PERCENTS),
    };
  }
}

function combine(a: Counts, b: Counts, sign: 1 | -1): Counts {
  const sums = { ...nothing } as Record<keyof Counts, number>;
  for (const name of NAMES) sums[name] = a[name] + sign * b[name];
  return sums;
}

function totalsOf(metrics: RunMetrics, open: readonly string[]): Counts {
  const count = (name: string): number => {
    const cell = metrics.cell(name);
    return cell?.kind === "counter" ? cell.value : 0;
  };
  const failed = metrics.cell("http_req_failed");
  const [bad, judged] = failed?.kind === "rate" ? [failed.passes, failed.total] : [0, 0];
  const byScenario = open.length === 0 ? {} : metrics.scenarioCounts();
  const ofOpen = (which: "started" | "dropped") =>
    open.reduce((sum, name) => sum + (byScenario[name]?.[which] ?? 0), 0);
  return {
    iterations: count("iterations"),
    arrivals: ofOpen("started"),
    dropped: count("dropped_iterations"),
    arrivalsDropped: ofOpen("dropped"),
    requests: count("http_reqs"),
    failed: bad,
    judged,
  };
}
