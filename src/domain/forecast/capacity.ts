/**
 * What one machine was measured to carry (`mesh bench --agent`), and how many of its kind a plan needs by that. Pure. The
 * estimate assumes one request per iteration like the one that was measured, and cores that add up; it says nothing of
 * how fast a closed loop goes, for that is the target's affair.
 */
import { agentsByZone } from "../segment/agents-by-zone.ts";
import type { Forecast, LoadForecast } from "./forecast.ts";

export interface Capacity {
  /** UTC, ISO 8601. */
  readonly measuredAt: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly node: string;
    readonly platform: string;
  };
  readonly perCore: {
    /** Iterations of one request and one check each, as fast as VUs can. */
    readonly closedPerSecond: number;
    /** Of the open model: the highest rate at which at least 99.9 % started within 1 ms; null if none was low enough. */
    readonly openPerSecond: number | null;
  };
  readonly memory: {
    /** Of a worker with one VU. */
    readonly workerBytes: number;
    /** That each VU adds which sleeps between its requests. */
    readonly vuBytes: number;
  };
}

export interface Need {
  /** Agents with a machine of that kind for themselves; null where a rate is planned and none was measured. */
  readonly agents: number | null;
  /** What asks for so many. */
  readonly by: "rate" | "memory";
  /** Most iterations that one of them can start per second: open model, closed model. */
  readonly openPerSecond: number | null;
  readonly closedPerSecond: number;
  /** Most VUs that fit into one of them. */
  readonly vus: number;
}

/** Of a machine's memory, for workers: the system and what else runs there need the rest. */
const MEMORY_SHARE = 0.8;

export function needOf({ ratePeak, vusMax }: LoadForecast, { machine, memory, perCore }: Capacity): Need {
  const room = machine.memoryBytes * MEMORY_SHARE - machine.cores * memory.workerBytes;
  const vus = Math.max(1, Math.floor(room / Math.max(1, memory.vuBytes)));
  const openPerSecond = perCore.openPerSecond && perCore.openPerSecond * machine.cores;
  const byRate = agentsForRate(ratePeak, openPerSecond);
  const byMemory = Math.ceil(vusMax / vus);
  return {
    agents: byRate === null ? null : Math.max(1, byRate, byMemory),
    by: byMemory > (byRate ?? 0) ? "memory" : "rate",
    openPerSecond,
    closedPerSecond: perCore.closedPerSecond * machine.cores,
    vus,
  };
}

/** What a whole plan needs, if each of its agents has a machine for itself: of each zone's part what that part needs. */
export function needOfPlan(forecast: Forecast, capacity: Capacity): Need {
  const ofZones = forecast.zones.map((zone) => needOf(zone, capacity).agents);
  const known = ofZones.filter((agents) => agents !== null);
  const weights = forecast.zones.map(({ weight }) => weight);
  const agents = known.length < ofZones.length ? null : agentsInAll(weights, known);
  return { ...needOf(forecast, capacity), agents };
}

/** The fewest agents of which each zone gets what it needs, by the division of a run. */
function agentsInAll(weights: readonly number[], needed: readonly number[]): number {
  const isEnough = (agents: number) =>
    agentsByZone(weights, agents).every((own, zone) => own >= (needed[zone] ?? 0));
  let least = needed.reduce((sum, agents) => sum + agents, 0);
  let most = least;
  while (!isEnough(most)) [least, most] = [most + 1, most * 2];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (isEnough(middle)) most = middle;
    else least = middle + 1;
  }
  return most;
}

function agentsForRate(ratePeak: number | null, openPerSecond: number | null): number | null {
  if (ratePeak === null) return 0;
  return openPerSecond === null ? null : Math.ceil(ratePeak / openPerSecond);
}
