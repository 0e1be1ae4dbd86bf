/**
 * The ledger, by double entry: what agents state at their end on one side, what the merged intervals count on the
 * other. planned = completed + interrupted + dropped + lost in every line, or the difference is in `mismatches`.
 * Relies on the plan only for how many iterations a scenario has; undefined where the executor loops by time.
 */
import type { LedgerLine, Tallies, Tally } from "../../../streams/schema/ledger.ts";
import type { ScenarioCounts } from "./run-metrics.ts";

/** What is known of one agent at the end. */
export interface AgentStatement {
  readonly agent: string;
  /** Its own totals by scenario; undefined when it was lost. */
  readonly tallies: Tallies | undefined;
  /** Of one that was lost: its part, and the ends of it that its zone's log counts. */
  readonly known?: Tallies;
  /** False when it was stopped before it began: it states nothing, and did nothing of its part. */
  readonly began?: boolean;
}

/** Iterations planned by scenario; undefined where they are as many as are started. */
export type PlannedScenarios = Readonly<Record<string, number | undefined>>;

export interface Ledger {
  readonly total: LedgerLine;
  readonly scenarios: Readonly<Record<string, LedgerLine>>;
  /**
   * By agent. Agents that were lost have a line each where what their zones know of them is all that the merged intervals
   * count; else they share one, because merged intervals do not tell them apart. Those that never began share one, too.
   */
  readonly agents: Readonly<Record<string, LedgerLine>>;
  readonly mismatches: readonly string[];
}

const NOTHING: Tally = { planned: 0, started: 0, completed: 0, interrupted: 0, dropped: 0 };
const ENDS = ["started", "completed", "interrupted", "dropped"] as const;
const KEYS = [...ENDS, "planned"] as const;

function plus(a: Tally, b: Tally): Tally {
  return {
    planned: a.planned + b.planned,
    started: a.started + b.started,
    completed: a.completed + b.completed,
    interrupted: a.interrupted + b.interrupted,
    dropped: a.dropped + b.dropped,
  };
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(plus, NOTHING);
}

/** A line; `lost` is what is missing to `planned` when somebody was lost, and never hides a surplus. */
function lineOf(tally: Omit<Tally, "started">, isLossy: boolean): LedgerLine {
  const { completed, dropped, interrupted, planned } = tally;
  const missing = planned - completed - interrupted - dropped;
  return { planned, completed, interrupted, dropped, lost: isLossy ? Math.max(0, missing) : 0 };
}

/** Draws up the ledger. `merged` is what the merged intervals say, from `RunMetrics.scenarioCounts`. */
export function ledger(
  planned: PlannedScenarios,
  merged: Readonly<Record<string, ScenarioCounts>>,
  statements: readonly AgentStatement[],
): Ledger {
  const { counted, agents } = withUnbegun(planned, merged, statements);
  const stated = agents.filter((agent) => agent.tallies !== undefined);
  const lost = agents.filter((agent) => agent.tallies === undefined);
  const names = [...new Set([...Object.keys(planned), ...Object.keys(counted)])].toSorted();
  const pages = names.map((name) => page(name, planned[name], counted[name], stated, lost.length > 0));
  const lines = Object.fromEntries(pages.map(({ line, name }) => [name, line]));
  return {
    total: total(pages.map(({ line }) => line)),
    scenarios: lines,
    agents: agentLines(stated, lost, pages),
    mismatches: [...pages.flatMap(({ mismatches }) => mismatches), ...stated.flatMap(imbalances)],
  };
}

interface Entries {
  readonly counted: Readonly<Record<string, ScenarioCounts>>;
  readonly agents: readonly AgentStatement[];
}

/**
 * The part of agents that never began is what the plan has and nobody else states: all of it dropped. They share one
 * line. Where somebody was lost, too, nobody can tell whose it is; it then counts as lost.
 */
function withUnbegun(
  planned: PlannedScenarios,
  counted: Entries["counted"],
  agents: readonly AgentStatement[],
): Entries {
  const others = agents.filter(({ began }) => began !== false);
  const isLossy = agents.some(({ tallies }) => tallies === undefined);
  if (others.length === agents.length || isLossy) return { counted, agents };
  const left = Object.entries(planned).flatMap(([name, all = 0]) => {
    const rest = all - sum(others.map(({ tallies }) => tallies?.[name] ?? NOTHING)).planned;
    return rest > 0 ? [{ name, rest }] : [];
  });
  if (left.length === 0) return { counted, agents };
  const names = agents.filter(({ began }) => began === false).map(({ agent }) => agent);
  const dropped = left.map(({ name, rest }) => [name, { ...NOTHING, planned: rest, dropped: rest }] as const);
  const noted = left.map(({ name, rest }) => {
    const { started, completed, interrupted, dropped: before } = { ...NOTHING, ...counted[name] };
    return [name, { started, completed, interrupted, dropped: before + rest }] as const;
  });
  return {
    counted: { ...counted, ...Object.fromEntries(noted) },
    agents: [...others, { agent: names.toSorted().join(", "), tallies: Object.fromEntries(dropped) }],
  };
}

/** One scenario: both entries, its line, and what disagrees. */
interface Page {
  readonly name: string;
  readonly line: LedgerLine;
  readonly remainder: Tally;
  readonly mismatches: readonly string[];
}

function page(
  name: string,
  planned: number | undefined,
  counts: ScenarioCounts | undefined,
  stated: readonly AgentStatement[],
  isLossy: boolean,
): Page {
  const counted = { ...NOTHING, ...counts };
  const claimed = sum(stated.map(({ tallies }) => tallies?.[name] ?? NOTHING));
  const whole: Tally = { ...counted, planned: planned ?? counted.started };
  const line = lineOf(whole, isLossy);
  const mismatches = [...compare(name, whole, claimed, isLossy), ...balance(`Scenario ${name}`, line)];
  return { name, line, remainder: plus(whole, negative(claimed)), mismatches };
}

function negative(tally: Tally): Tally {
  const { completed, dropped, interrupted, planned, started } = tally;
  return {
    planned: -planned,
    started: -started,
    completed: -completed,
    interrupted: -interrupted,
    dropped: -dropped,
  };
}

/** Where the entries disagree. A lost agent may have counted more than was stated, nobody may have less. */
function compare(name: string, counted: Tally, claimed: Tally, isLossy: boolean): string[] {
  return KEYS.filter((end) => (isLossy ? counted[end] < claimed[end] : counted[end] !== claimed[end])).map(
    (end) => {
      const side = end === "planned" ? "the plan has" : "the intervals count";
      return `Scenario ${name}: agents state ${claimed[end]} ${end}, ${side} ${counted[end]}`;
    },
  );
}

function balance(what: string, line: LedgerLine): string[] {
  const rest = line.completed + line.interrupted + line.dropped + line.lost;
  return rest === line.planned ? [] : [`${what}: ${line.planned} planned, but ${rest} accounted for`];
}

function imbalances({ agent, tallies = {} }: AgentStatement): string[] {
  return Object.entries(tallies).flatMap(([name, tally]) => {
    const ends = tally.completed + tally.interrupted;
    const started =
      ends === tally.started
        ? []
        : [`Agent ${agent}, scenario ${name}: ${tally.started} started, ${ends} ended`];
    return [...started, ...balance(`Agent ${agent}, scenario ${name}`, lineOf(tally, false))];
  });
}

function agentLines(
  stated: readonly AgentStatement[],
  lost: readonly AgentStatement[],
  pages: readonly Page[],
): Record<string, LedgerLine> {
  const lines = stated.map(
    ({ agent, tallies = {} }) => [agent, lineOf(sum(Object.values(tallies)), false)] as const,
  );
  return Object.fromEntries([...lines, ...lostLines(lost, pages)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function lostLines(
  lost: readonly AgentStatement[],
  pages: readonly Page[],
): readonly (readonly [string, LedgerLine])[] {
  if (lost.length === 0) return [];
  const known = lost.map(({ agent, known = {} }) => [agent, sum(Object.values(known))] as const);
  const remainder = sum(pages.map((each) => each.remainder));
  const isAll = KEYS.every((key) => sum(known.map(([, tally]) => tally))[key] === remainder[key]);
  if (isAll) return known.map(([agent, tally]) => [agent, lineOf(tally, true)] as const);
  const names = lost.map(({ agent }) => agent).toSorted();
  return [[names.join(", "), lineOf(remainder, true)]];
}

function total(lines: readonly LedgerLine[]): LedgerLine {
  const add = (key: keyof LedgerLine) => lines.reduce((all, line) => all + line[key], 0);
  const [planned, completed, interrupted] = [add("planned"), add("completed"), add("interrupted")];
  return { planned, completed, interrupted, dropped: add("dropped"), lost: add("lost") };
}
