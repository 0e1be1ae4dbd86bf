/**
 * Whether the generators kept the plan's budgets: a fold over the health in root's intervals, in their order, so that a
 * replay finds the same. It judges each agent by itself: one that lies is not excused by many that do not. In a large mesh
 * a window has only the worst agents, so how many arrivals an agent had is what it says itself where that is more.
 */
import type { GeneratorBudgets } from "../../../streams/schema/plan.ts";
import type { HealthSample } from "../interval/health.ts";
import type { Range } from "../interval/ranges.ts";

/** More of an agent's arrivals than this may not be later than the budget: its figures would be of another load. */
const LATE_SHARE_MAX = 0.01;
/** In more of the run's windows than this, and in more than one, a measure may not be beyond its budget. */
const WINDOW_SHARE_MAX = 0.1;
/** So many stretches of windows are named. */
const STRETCHES_MAX = 5;

export type HealthMeasure = "scheduleLag" | "eventLoopDelay" | "gc" | "cpu" | "memory";

/** One measure of one agent that was beyond its budget. Times in µs, shares in thousandths, memory in KB. */
export interface Breach {
  readonly agent: string;
  readonly measure: HealthMeasure;
  /** The worst that a window showed, and what the plan allows. */
  readonly worst: number;
  readonly budget: number;
  /** In which windows, as inclusive ranges; the first few. */
  readonly windows: readonly Range[];
  /** Of the schedule lag: the agent's arrivals, and those of them that were later than the budget. */
  readonly arrivals?: number;
  readonly late?: number;
}

/** A breach while it is still counted. */
interface Count {
  worst: number;
  windows: number;
  last: number;
  readonly stretches: [number, number][];
}

interface Arrivals {
  all: number;
  late: number;
}

export class GeneratorWatch {
  readonly #budgets: GeneratorBudgets;
  readonly #windowUs: number;
  readonly #counts = new Map<string, Map<HealthMeasure, Count>>();
  readonly #arrivals = new Map<string, Arrivals>();

  constructor(budgets: GeneratorBudgets, windowMs: number) {
    this.#budgets = budgets;
    this.#windowUs = windowMs * 1000;
  }

  add(window: number, sample: HealthSample): void {
    const { agent, late = 0, arrivals = 0 } = sample;
    const known = this.#arrivals.get(agent) ?? { all: 0, late: 0 };
    this.#arrivals.set(agent, known);
    known.all += arrivals;
    known.late += late;
    if (late > 0) this.#beyond(agent, "scheduleLag", window, sample.lagUsMax);
    for (const { measure, budget, value } of levelsOf(sample, this.#budgets, this.#windowUs)) {
      if (value > budget) this.#beyond(agent, measure, window, value);
    }
  }

  #beyond(agent: string, measure: HealthMeasure, window: number, value: number): void {
    const counts = this.#counts.get(agent) ?? new Map<HealthMeasure, Count>();
    this.#counts.set(agent, counts);
    const count = counts.get(measure) ?? { worst: 0, windows: 0, last: -1, stretches: [] };
    counts.set(measure, count);
    count.worst = Math.max(count.worst, value);
    if (window !== count.last) count.windows++;
    count.last = window;
    const isTime = measure === "scheduleLag" || measure === "eventLoopDelay";
    stretch(count.stretches, isTime ? firstTouched(window, value, this.#windowUs) : window, window);
  }

  /** What broke its budget in the run so far, of so many windows; `startedBy` is how many arrivals an agent says it started. */
  breaches(windows: number, startedBy: (agent: string) => number): readonly Breach[] {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([agent, counts]) =>
        [...counts].flatMap(([measure, count]) =>
          measure === "scheduleLag"
            ? this.#judgeLag(agent, count, startedBy(agent))
            : this.#judgeLevel(agent, measure, count, windows),
        ),
      );
  }

  #judgeLevel(agent: string, measure: HealthMeasure, count: Count, windows: number): readonly Breach[] {
    return count.windows > Math.max(1, windows * WINDOW_SHARE_MAX)
      ? [this.#breach(agent, measure, count)]
      : [];
  }

  #judgeLag(agent: string, count: Count, started: number): readonly Breach[] {
    const { all, late } = this.#arrivals.get(agent) ?? { all: 0, late: 0 };
    const arrivals = Math.max(all, started);
    return late > Math.max(1, arrivals * LATE_SHARE_MAX)
      ? [{ ...this.#breach(agent, "scheduleLag", count), arrivals, late }]
      : [];
  }

  #breach(agent: string, measure: HealthMeasure, { stretches, worst }: Count): Breach {
    return { agent, measure, worst, budget: budgetOf(measure, this.#budgets), windows: stretches };
  }
}

/** A stall that ended in a window began before it: the first window that it surely touched. */
const firstTouched = (window: number, valueUs: number, windowUs: number): number =>
  Math.max(0, Math.min(window, Math.floor(window + 1 - valueUs / windowUs)));

/** Joins windows to the stretch before them where they touch it. */
function stretch(stretches: [number, number][], from: number, to: number): void {
  const last = stretches.at(-1);
  if (last !== undefined && from <= last[1] + 1) {
    last[0] = Math.min(last[0], from);
    last[1] = Math.max(last[1], to);
  } else if (stretches.length < STRETCHES_MAX) stretches.push([from, to]);
}

interface Level {
  readonly measure: HealthMeasure;
  readonly value: number;
  readonly budget: number;
}

function levelsOf(sample: HealthSample, budgets: GeneratorBudgets, windowUs: number): readonly Level[] {
  const level = (measure: HealthMeasure, value: number): Level => ({
    measure,
    value,
    budget: budgetOf(measure, budgets),
  });
  return [
    level("eventLoopDelay", sample.loopDelayUsMax),
    level("gc", Math.round((1000 * sample.gcUs) / windowUs)),
    level("cpu", sample.cpuPermille),
    level("memory", sample.rssKb),
  ];
}

/** A budget in the unit of its measure; without one anything is within it. */
function budgetOf(measure: HealthMeasure, budgets: GeneratorBudgets): number {
  switch (measure) {
    case "scheduleLag":
      return (budgets.scheduleLagMs ?? Infinity) * 1000;
    case "eventLoopDelay":
      return (budgets.eventLoopDelayMs ?? Infinity) * 1000;
    case "gc":
      return (budgets.gcPercent ?? Infinity) * 10;
    case "cpu":
      return (budgets.cpuPercent ?? Infinity) * 10;
    case "memory":
      return (budgets.memoryMb ?? Infinity) * 1000;
  }
}
