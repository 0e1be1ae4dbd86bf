/**
 * What a plan will do, before anybody does it: each scenario's load and times, the whole, and what falls to each zone and
 * to one agent of it, by the same division as in a run. Pure. How fast a closed loop goes is the target's affair, so only
 * its VUs are known.
 */
import type { Plan, Scenario } from "../../../streams/schema/plan.ts";
import { paceOf } from "../pace/pace-of.ts";
import { agentsByZone } from "../segment/agents-by-zone.ts";
import type { Share } from "../segment/share.ts";
import { peakOf } from "./peak.ts";

export interface ScenarioForecast {
  readonly name: string;
  readonly executor: Scenario["executor"];
  readonly exec: string;
  readonly model: "open" | "closed";
  readonly startMs: number;
  /** Regular duration; at most so long where iterations are counted. */
  readonly durationMs: number;
  readonly gracefulStopMs: number;
  /** VUs initialised before the start, and how many there may be in the end. */
  readonly vus: number;
  readonly vusMax: number;
  /** Iterations that the plan gives; null where VUs loop by time. */
  readonly iterations: number | null;
  /** Most iterations started per second; null in the closed model. */
  readonly ratePeak: number | null;
}

/** What falls to a node. */
export interface LoadForecast {
  readonly vus: number;
  readonly vusMax: number;
  /** Of the scenarios that count them; null where none does. */
  readonly iterations: number | null;
  /** Of the open model; null where there is none. */
  readonly ratePeak: number | null;
}

export interface ZoneForecast extends LoadForecast {
  readonly zone: string;
  readonly weight: number;
  readonly agents: number;
  /** The agents with the most and the least to do, if all have the same cores. */
  readonly agent: { readonly most: LoadForecast; readonly least: LoadForecast };
}

export interface Forecast extends LoadForecast {
  readonly scenarios: readonly ScenarioForecast[];
  /** When the last scenario regularly ends, and when all are over at the latest, from the start of the load. */
  readonly durationMs: number;
  readonly latestMs: number;
  readonly agents: number;
  readonly zones: readonly ZoneForecast[];
}

export function forecastOf(plan: Plan): Forecast {
  const scenarios = Object.entries(plan.scenarios).map(([name, each]) => scenarioForecast(name, each));
  const durationMs = Math.max(...scenarios.map(({ durationMs, startMs }) => startMs + durationMs));
  const loadAt = loads(plan);
  const ends = scenarios.map((each) => each.startMs + each.durationMs + each.gracefulStopMs);
  return {
    scenarios,
    ...loadAt([]),
    durationMs,
    latestMs: Math.max(...ends),
    agents: plan.agents,
    zones: zonesOf(plan, loadAt),
  };
}

function scenarioForecast(name: string, scenario: Scenario): ScenarioForecast {
  const { durationUs, model, planned, vus, vusMax } = paceOf(scenario, []);
  const durationMs = durationUs / 1000;
  return {
    name,
    executor: scenario.executor,
    exec: scenario.exec,
    model,
    startMs: scenario.startTimeMs,
    durationMs,
    gracefulStopMs: scenario.gracefulStopMs,
    vus,
    vusMax,
    iterations: planned ?? null,
    ratePeak: model === "open" ? peakOf([scenario]) : null,
  };
}

type LoadAt = (share: Share) => LoadForecast;

/** The load of a node: its paces, and its part of each open scenario's rate. */
function loads(plan: Plan): LoadAt {
  const scenarios = Object.values(plan.scenarios);
  const open = scenarios.filter((each) => paceOf(each, []).model === "open");
  return (share) => {
    const paces = scenarios.map((each) => paceOf(each, share));
    const counted = paces.flatMap(({ planned }) => planned ?? []);
    const parts = open.map((each) => partOf(each, share));
    return {
      vus: total(paces.map(({ vus }) => vus)),
      vusMax: total(paces.map(({ vusMax }) => vusMax)),
      iterations: counted.length === 0 ? null : total(counted),
      ratePeak: open.length === 0 ? null : peakOf(open, parts),
    };
  };
}

/** How much of a scenario's iterations falls to the node. */
function partOf(scenario: Scenario, share: Share): number {
  const [own, whole] = [paceOf(scenario, share).planned ?? 0, paceOf(scenario, []).planned ?? 0];
  return whole === 0 ? 0 : own / whole;
}

function zonesOf(plan: Plan, loadAt: LoadAt): readonly ZoneForecast[] {
  const weights = plan.zones.map(({ weight }) => weight);
  const counts = agentsByZone(weights, plan.agents);
  return plan.zones.map(({ weight, zone }, index) => {
    const agents = counts[index] ?? 1;
    const division = { weights, index };
    const equal = Array.from({ length: agents }, () => 1);
    const agentAt = (n: number) => loadAt([division, { weights: equal, index: n }]);
    // Of equal weights the first one gets what is left over.
    const agent = { most: agentAt(0), least: agentAt(agents - 1) };
    return { zone, weight, agents, ...loadAt([division]), agent };
  });
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
