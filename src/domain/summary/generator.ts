/**
 * The generators in the summary: how healthy they were, which budgets of the plan they broke, in words, and what
 * coordinated omission would have hidden. Pure; the counting is in generator-watch.ts.
 */
import { isPlaced, plainName } from "../interval/health.ts";
import { isOpen } from "../pace/target.ts";
import type { RunState } from "../run/state.ts";
import { TREND_SCALE } from "../metric/wire-number.ts";
import type { GeneratorSummary } from "./document.ts";
import { bytesText, durationText, percentText } from "./figures.ts";
import type { Breach } from "./generator-watch.ts";
import type { RunMetrics } from "./run-metrics.ts";

export function generatorSummary(state: RunState, metrics: RunMetrics): GeneratorSummary {
  const { health } = metrics.log;
  const shown = shownNames(Object.keys(health));
  const budgets = state.plan?.generator;
  const told = metrics.log.breaches(startedIn(state)).map((breach) => ({
    ...breach,
    agent: shown(breach.agent),
    message: sentence(breach, placedName(state, breach.agent)),
  }));
  return {
    byAgent: byShownName(health, shown),
    ...(budgets === undefined ? {} : { onBreach: budgets.onBreach }),
    ...(told.length === 0 ? {} : { breaches: told }),
    ...omission(state, metrics),
  };
}

/** Agents as they are shown: by their plain names, and where zones have one of the same name, with those in front. */
function shownNames(names: readonly string[]): (name: string) => string {
  const count = Map.groupBy(names, plainName);
  return (name) => (count.get(plainName(name))?.length === 1 ? plainName(name) : name);
}

function byShownName(
  health: GeneratorSummary["byAgent"],
  shown: (name: string) => string,
): GeneratorSummary["byAgent"] {
  const entries = Object.values(health).map((sample) => {
    const agent = shown(sample.agent);
    return [agent, { ...sample, agent }] as const;
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Iterations of open models that agents of that name say they started, or their zones of those that were lost. */
function startedIn({ losses, plan, zones }: RunState): (agent: string) => number {
  const open = Object.entries(plan?.scenarios ?? {}).flatMap(([name, each]) => (isOpen(each) ? name : []));
  const finishes = zones.flatMap(({ agents, zone: of }) =>
    agents.map(({ agent, tallies, zone = of }) => ({ agent, tallies, zone })),
  );
  const statements = [...finishes, ...losses];
  return (name) =>
    statements
      .filter(({ agent, zone }) => name === (isPlaced(name) ? `${zone}/${agent}` : agent))
      .flatMap(({ tallies }) => open.map((scenario) => tallies[scenario]?.started ?? 0))
      .reduce((sum, started) => sum + started, 0);
}

/** Why the run is invalid for its generators; nothing when the plan only wants to be warned. */
export const unfitIn = ({ onBreach, breaches = [] }: GeneratorSummary): readonly string[] =>
  onBreach === "invalid" ? breaches.map(({ message }) => message) : [];

/** In logs of older versions names are plain: where two zones have one of that name, nobody can tell which it was. */
function placedName({ members }: RunState, name: string): string {
  if (isPlaced(name)) return name;
  const zones = new Set(members.filter(({ agent }) => agent === name).map(({ zone }) => zone));
  return zones.size === 0 ? name : `${[...zones].join("|")}/${name}`;
}

function sentence(breach: Breach, name: string): string {
  const { budget, measure, windows, worst } = breach;
  const who = `agent ${name}`;
  const when = `in window${isOne(windows) ? "" : "s"} ${windowsText(windows)}`;
  const ms = (us: number) => durationText(us / 1000);
  const percent = (permille: number) => `${(permille / 10).toFixed(0)}%`;
  switch (measure) {
    case "scheduleLag": {
      const { late = 0, arrivals = 0 } = breach;
      const share = `${late} of its ${arrivals} arrivals (${percentText(late / arrivals)})`;
      return `${who} was late: ${share} by more than ${ms(budget)}, up to ${ms(worst)}, ${when}`;
    }
    case "eventLoopDelay":
      return `${who} stood still: event loop blocked for up to ${ms(worst)} ${when} (budget ${ms(budget)})`;
    case "gc":
      return `${who} collected garbage: up to ${percent(worst)} of the time ${when} (budget ${percent(budget)})`;
    case "cpu":
      return `${who} was busy: up to ${percent(worst)} of a core ${when} (budget ${percent(budget)})`;
    case "memory":
      return `${who} was full: up to ${bytesText(worst * 1000)} of memory ${when} (budget ${bytesText(budget * 1000)})`;
  }
}

const isOne = ([first, ...others]: Breach["windows"]): boolean =>
  first !== undefined && others.length === 0 && first[0] === first[1];

const windowsText = (windows: Breach["windows"]): string =>
  windows.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(", ");

/** Only where all of the load is of open models do both figures speak of the same iterations. */
function omission(state: RunState, metrics: RunMetrics): Pick<GeneratorSummary, "p99Ms"> {
  const scenarios = Object.values(state.plan?.scenarios ?? {});
  if (!scenarios.every(({ executor }) => executor.endsWith("-arrival-rate"))) return {};
  const actual = p99Of(metrics, "iteration_duration");
  const intended = p99Of(metrics, "iteration_duration_intended");
  return actual === undefined || intended === undefined ? {} : { p99Ms: { actual, intended } };
}

function p99Of(metrics: RunMetrics, name: string): number | undefined {
  const cell = metrics.cell(name);
  const wire = cell?.kind === "trend" ? cell.quantile(99) : undefined;
  return wire === undefined ? undefined : wire / TREND_SCALE;
}
