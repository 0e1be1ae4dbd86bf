/**
 * The figures of the panel's table: now (the last seconds), over the whole run, and second by second. What is asked for
 * stands above what was achieved. A pure function of the folded run.
 */
import type { Plan, Scenario } from "../../../streams/schema/plan.ts";
import { quantilesSince, emptyMark } from "../../domain/metric/trend-mark.ts";
import { arrivalsDue, isOpen, vusWanted } from "../../domain/pace/target.ts";
import type { RunMetrics } from "../../domain/summary/run-metrics.ts";
import { countFigure, rateFigure, shareFigure, timeFigure } from "./figures.ts";
import type { Tone } from "./spans.ts";
import { type Counts, PERCENTS, type Recent, type Tape, type Tick } from "./tape.ts";

export interface Measure {
  readonly label: string;
  readonly recent: string;
  readonly whole: string;
  /** Second by second; empty where a line of it says nothing. */
  readonly ticks: readonly (number | undefined)[];
  readonly tone: Tone;
  /** 1 is shown on any terminal, higher ones where there is room. */
  readonly rank: number;
}

const NONE = "·";
/** A shortfall below this share of what was due is the boundary of a window and not worth a colour. */
const SHORT_SHARE = 0.01;
const BAD_SHARE = 0.1;

interface Given {
  readonly plan: Plan;
  readonly metrics: RunMetrics;
  readonly tape: Tape;
  readonly recent: Recent;
}

const row = (label: string, cells: Partial<Measure> & { readonly rank: number }): Measure => ({
  label,
  recent: "",
  whole: "",
  ticks: [],
  tone: "plain",
  ...cells,
});

export function measuresOf(given: Given): readonly Measure[] {
  const { plan, tape } = given;
  const scenarios = Object.values(plan.scenarios);
  const hasOpen = scenarios.some(isOpen);
  const hasClosed = !scenarios.every(isOpen);
  return [
    ...(hasOpen ? arrivals(given) : []),
    ...dropped(given),
    vus(given, hasOpen),
    ...(hasClosed ? [rate("iterations", given, "iterations", 2)] : []),
    ...(tape.totals.requests > 0 ? [rate("requests", given, "requests", 3), failed(given)] : []),
    ...latencies(given),
  ];
}

const perSecond = (count: number, ms: number): number => (ms <= 0 ? 0 : (count / ms) * 1000);
const recentMs = ({ recent }: Given): number => recent.toMs - recent.fromMs;
const ticksOf = ({ tape }: Given, read: (tick: Tick) => number | undefined) => tape.ticks.map(read);

function rate(label: string, given: Given, name: keyof Counts, rank: number): Measure {
  const { recent, tape } = given;
  return row(label, {
    recent: rateFigure(perSecond(recent.counts[name], recentMs(given))),
    whole: rateFigure(perSecond(tape.totals[name], tape.elapsedMs)),
    ticks: ticksOf(given, ({ counts }) => counts[name]),
    rank,
  });
}

/** Iterations that the plan's open scenarios asked for up to a time. */
const dueBy = (scenarios: readonly Scenario[], ms: number): number =>
  scenarios.reduce((sum, scenario) => sum + (arrivalsDue(scenario, ms) ?? 0), 0);

/** The open model: what was due, what was started, and what is missing when it is more than a window's edge. */
function arrivals(given: Given): Measure[] {
  const { plan, recent, tape } = given;
  const scenarios = Object.values(plan.scenarios);
  const due = dueBy(scenarios, tape.elapsedMs);
  const dueNow = due - dueBy(scenarios, recent.fromMs);
  // What was dropped has a row of its own.
  const late = due - tape.totals.arrivals - tape.totals.arrivalsDropped;
  const target = row("target", {
    recent: rateFigure(perSecond(dueNow, recentMs(given))),
    whole: rateFigure(perSecond(due, tape.elapsedMs)),
    rank: 2,
  });
  const achieved = { ...rate("achieved", given, "arrivals", 1), tone: achievedTone(recent, dueNow) };
  if (late <= due * SHORT_SHARE) return [target, achieved];
  const lateNow = Math.max(0, dueNow - recent.counts.arrivals - recent.counts.arrivalsDropped);
  const cells = { recent: rateFigure(perSecond(lateNow, recentMs(given))), whole: countFigure(late) };
  return [target, achieved, row("short by", { ...cells, tone: "bad", rank: 1 })];
}

function achievedTone({ counts }: Recent, dueNow: number): Tone {
  const short = dueNow === 0 ? 0 : 1 - counts.arrivals / dueNow;
  if (short > BAD_SHARE) return "bad";
  return short > SHORT_SHARE ? "warn" : "good";
}

function dropped(given: Given): Measure[] {
  const { recent, tape } = given;
  if (tape.totals.dropped === 0) return [];
  return [
    row("dropped", {
      recent: rateFigure(perSecond(recent.counts.dropped, recentMs(given))),
      whole: countFigure(tape.totals.dropped),
      ticks: ticksOf(given, ({ counts }) => counts.dropped),
      tone: recent.counts.dropped > 0 ? "bad" : "warn",
      rank: 1,
    }),
  ];
}

/** Active VUs; in the closed model beside those that are wanted. */
function vus(given: Given, hasOpen: boolean): Measure {
  const { metrics, plan, recent, tape } = given;
  const cell = metrics.cell("vus");
  const active = cell?.kind === "gauge" && cell.isSet ? cell.values.value : 0;
  // The window that ended last is what the figure is of.
  const wanted = wantedAt(plan, recent.toMs - 1);
  // On a ramp down they are counted a little after its end, when fewer are wanted.
  const least = Math.min(wanted, wantedAt(plan, recent.toMs + plan.windowMs));
  return row("VUs", {
    recent: hasOpen ? countFigure(active) : `${countFigure(active)} of ${countFigure(wanted)}`,
    ticks: ticksOf(given, (tick) => tick.vus),
    tone: !hasOpen && active < least && tape.elapsedMs > 0 ? "warn" : "plain",
    rank: 4,
  });
}

const wantedAt = ({ scenarios }: Plan, ms: number): number =>
  Object.values(scenarios).reduce((sum, scenario) => sum + (vusWanted(scenario, Math.max(0, ms)) ?? 0), 0);

function failed(given: Given): Measure {
  const { recent, tape } = given;
  const share = ({ failed, judged }: Counts): number => (judged === 0 ? 0 : failed / judged);
  const now = share(recent.counts);
  return row("failed", {
    recent: shareFigure(now),
    whole: shareFigure(share(tape.totals)),
    ticks: ticksOf(given, ({ counts }) => share(counts)),
    tone: now > 0 ? "bad" : share(tape.totals) > 0 ? "warn" : "plain",
    rank: 1,
  });
}

const RANK_OF_PERCENT: Readonly<Record<number, number>> = { 50: 3, 95: 1, 99: 2 };

function latencies({ metrics, recent, tape }: Given): Measure[] {
  const cell = metrics.cell(tape.latency);
  const whole = cell?.kind === "trend" ? quantilesSince(cell, emptyMark, PERCENTS) : [];
  const figure = (us: number | undefined) => (us === undefined ? NONE : timeFigure(us));
  const what = tape.latency === "http_req_duration" ? "p" : "iter p";
  return PERCENTS.map((percent, place) =>
    row(`${what}${percent}`, {
      recent: figure(recent.quantiles[place]),
      whole: figure(whole[place]),
      ticks: tape.ticks.map(({ quantiles }) => quantiles[place]),
      rank: RANK_OF_PERCENT[percent] ?? 3,
    }),
  );
}
