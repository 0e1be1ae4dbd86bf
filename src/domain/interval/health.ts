/**
 * Health of the generators in one window. Merging keeps one sample per agent, and of many agents the worst few by
 * each measure, so that a frame's size does not depend on the number of agents. All numbers are whole.
 */
import { type ByteReader, readCount } from "../metric/byte-reader.ts";
import type { ByteWriter } from "../metric/byte-writer.ts";
import { unzigzag, zigzag } from "../metric/exact-sum.ts";

export interface HealthSample {
  /** Its name; with its zone in front from that one's merge on (`eu/a-1`), because names are unique in a zone only. */
  readonly agent: string;
  /** Actual minus intended start of open-model iterations: worst, and 99th percentile of the worst worker. */
  readonly lagUsMax: number;
  readonly lagUsP99: number;
  readonly loopDelayUsMax: number;
  /** Time in garbage collection, of the worst worker. */
  readonly gcUs: number;
  /** CPU time per wall time in thousandths, of the busiest worker: 1000 is a full core. */
  readonly cpuPermille: number;
  /** Memory of all workers together. */
  readonly rssKb: number;
  /** Offset of the agent's clock to the run's; measured, never applied. */
  readonly clockOffsetUs: number;
  /** Iterations dropped by all workers together. */
  readonly drops: number;
  /** Iterations of open models, started or dropped, and those of them later than the plan's budget; absent without any. */
  readonly arrivals?: number;
  readonly late?: number;
}

/** How many agents a frame keeps per measure. */
export const HEALTH_WORST = 8;

type Measure = Exclude<keyof HealthSample, "agent" | "arrivals">;
const RANKED: readonly Measure[] = [
  "lagUsMax",
  "loopDelayUsMax",
  "gcUs",
  "cpuPermille",
  "clockOffsetUs",
  "drops",
  "late",
];

/** One sample of two of the same agent and window. */
export function mergeHealth(a: HealthSample, b: HealthSample): HealthSample {
  return {
    ...maximaOf(a, b),
    rssKb: a.rssKb + b.rssKb,
    drops: a.drops + b.drops,
    ...arrivalsOf((a.arrivals ?? 0) + (b.arrivals ?? 0), (a.late ?? 0) + (b.late ?? 0)),
  };
}

const arrivalsOf = (arrivals: number, late: number): Pick<HealthSample, "arrivals" | "late"> =>
  arrivals === 0 ? {} : { arrivals, late };

/** The worst of two samples by each measure, whatever their windows. Arrivals are not told: they add up. */
export function maximaOf(a: HealthSample, b: HealthSample): HealthSample {
  const most = (measure: Exclude<Measure, "late">) => Math.max(a[measure], b[measure]);
  return {
    agent: a.agent,
    lagUsMax: most("lagUsMax"),
    lagUsP99: most("lagUsP99"),
    loopDelayUsMax: most("loopDelayUsMax"),
    gcUs: most("gcUs"),
    cpuPermille: most("cpuPermille"),
    rssKb: most("rssKb"),
    clockOffsetUs: furtherOff(a.clockOffsetUs, b.clockOffsetUs),
    drops: most("drops"),
  };
}

function furtherOff(a: number, b: number): number {
  const difference = Math.abs(a) - Math.abs(b);
  return difference === 0 ? Math.max(a, b) : difference > 0 ? a : b;
}

/** One sample per agent, the worst `HEALTH_WORST` agents by each measure, sorted by agent. */
export function worstHealth(samples: Iterable<HealthSample>): HealthSample[] {
  const byAgent = new Map<string, HealthSample>();
  for (const sample of samples) {
    const known = byAgent.get(sample.agent);
    byAgent.set(sample.agent, known === undefined ? sample : mergeHealth(known, sample));
  }
  return worstOf([...byAgent.values()]).toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
}

/** The name of an agent that is unique in the mesh. */
export const placedName = (zone: string, agent: string): string => `${zone}${IN_ZONE}${agent}`;

/** The same samples under names in this zone, but for those that it may speak of. */
export const inZone = (
  zone: string,
  samples: readonly HealthSample[],
  mayName: (placed: string) => boolean = () => false,
): readonly HealthSample[] =>
  samples.map((sample) =>
    mayName(sample.agent)
      ? sample
      : { ...sample, agent: placedName(zone, sample.agent.slice(sample.agent.lastIndexOf(IN_ZONE) + 1)) },
  );

/** No name has it. */
const IN_ZONE = "/";
/** Whether an agent's name says its zone: logs of older versions have plain ones. */
export const isPlaced = (name: string): boolean => name.includes(IN_ZONE);
/** Without its zone. */
export const plainName = (name: string): string => name.slice(name.indexOf(IN_ZONE) + 1);

function worstOf(samples: readonly HealthSample[]): readonly HealthSample[] {
  if (samples.length <= HEALTH_WORST) return samples;
  const kept = new Set<HealthSample>();
  for (const measure of RANKED) {
    const size = (sample: HealthSample) => Math.abs(sample[measure] ?? 0);
    const ranked = samples.toSorted((a, b) => size(b) - size(a) || (a.agent < b.agent ? -1 : 1));
    for (const sample of ranked.slice(0, HEALTH_WORST)) kept.add(sample);
  }
  return [...kept];
}

export function writeHealth(samples: readonly HealthSample[], writer: ByteWriter): void {
  writer.uvarint(samples.length);
  for (const sample of samples) {
    writer.text(sample.agent);
    writer.section(() => {
      writer.uvarint(sample.lagUsMax);
      writer.uvarint(sample.lagUsP99);
      writer.uvarint(sample.loopDelayUsMax);
      writer.uvarint(sample.gcUs);
      writer.uvarint(sample.cpuPermille);
      writer.uvarint(sample.rssKb);
      writer.uvarint(zigzag(sample.clockOffsetUs));
      writer.uvarint(sample.drops);
      if (sample.arrivals === undefined) return;
      writer.uvarint(sample.arrivals);
      writer.uvarint(sample.late ?? 0);
    });
  }
}

export function readHealth(reader: ByteReader): HealthSample[] {
  return Array.from({ length: readCount(reader) }, () => {
    const agent = reader.text();
    return { agent, ...readMeasures(reader.section()) };
  });
}

function readMeasures(reader: ByteReader): Omit<HealthSample, "agent"> {
  return {
    lagUsMax: reader.uvarint(),
    lagUsP99: reader.uvarint(),
    loopDelayUsMax: reader.uvarint(),
    gcUs: reader.uvarint(),
    cpuPermille: reader.uvarint(),
    rssKb: reader.uvarint(),
    clockOffsetUs: unzigzag(reader.uvarint()),
    drops: reader.uvarint(),
    ...(reader.at < reader.end ? arrivalsOf(reader.uvarint(), reader.uvarint()) : {}),
  };
}
