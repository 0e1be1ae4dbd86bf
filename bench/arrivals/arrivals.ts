/**
 * How punctual arrivals were. With known instants each is held against its own; without, arrivals in their order are held
 * against the straight line of the rate that none of them precedes: the kindest reading that a peer can get.
 */

export interface Punctuality {
  readonly count: number;
  /** Share within 1 ms of the instant. */
  readonly within: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export const WITHIN_US = 1000;

export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function punctuality(lagsUs: readonly number[]): Punctuality {
  return {
    count: lagsUs.length,
    within: lagsUs.filter((lag) => lag <= WITHIN_US).length / lagsUs.length,
    p50Us: percentile(lagsUs, 50),
    p99Us: percentile(lagsUs, 99),
    maxUs: percentile(lagsUs, 100),
  };
}

/** Lags behind the line; what came first decides where it lies. */
export function lagsBehindLine(instantsUs: readonly number[], perSecond: number): readonly number[] {
  const offsets = instantsUs.toSorted((a, b) => a - b).map((at, n) => at - (n * 1e6) / perSecond);
  const first = offsets.reduce((least, each) => Math.min(least, each), Infinity);
  return offsets.map((each) => each - first);
}

export const line = (name: string, { count, within, p50Us, p99Us, maxUs }: Punctuality): string =>
  `${(within * 100).toFixed(3).padStart(8)} %  ${String(count).padStart(7)}  ` +
  `${[p50Us, p99Us, maxUs].map((us) => (us / 1000).toFixed(2).padStart(8)).join("")}  ${name}`;

export const HEADING = "within 1 ms  arrivals     p50     p99     max ms";
