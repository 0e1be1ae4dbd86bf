/**
 * What lands in ClickHouse, row by row: whole numbers as they merge, never in k6's units. Sums may be larger than a double
 * holds exactly, so they are decimal text. Types and names only; the tables themselves are in src/clickhouse/schema.
 */

/** Raised with the columns: it is part of the tokens by which an insert is told from its repetition. */
export const ROWS_VERSION = 1;

/** A whole number of any size. */
export type Exact = string;

/** What every row of a measured table begins with. */
export interface SeriesRow {
  readonly run: string;
  /** Of landing: rows of an attempt that came to nothing may lie beside these. */
  readonly attempt: number;
  /** Number of the interval in root's log. */
  readonly interval: number;
  /** The window it adds to, and when that began; a window has a second interval when data came late. */
  readonly window: number;
  readonly ts: string;
  readonly metric: string;
  readonly unit: string;
  /** Also among the tags; "" where there is none. */
  readonly scenario: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The series' id, unsigned 64 bit. */
  readonly series: Exact;
  /** Samples that were negative or no numbers. */
  readonly rejected: number;
}

/** Time trends in µs, others × 10³. `v`: highest equivalent value of each bucket, ascending; `c`: its samples. */
export interface TrendRow extends SeriesRow {
  readonly count: number;
  readonly sum: Exact;
  readonly min: number;
  readonly max: number;
  readonly saturated: number;
  readonly v: readonly number[];
  readonly c: readonly number[];
}

/** × 10⁶. */
export interface CounterRow extends SeriesRow {
  readonly value: Exact;
}

/** × 10³; without a reading (`readings` 0) there is nothing but `rejected`. `at` is the instant of the value, µs of the run, and `source` decides between two at one instant. */
export interface GaugeRow extends SeriesRow {
  readonly readings: 0 | 1;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly at: number;
  readonly source: string;
}

export interface RateRow extends SeriesRow {
  readonly passes: number;
  readonly total: number;
}

/** The last that an attempt writes. The highest revision of the report counts, and of that the latest attempt. */
export interface RunRow {
  readonly run: string;
  readonly revision: number;
  /** Whose rows in the measured tables count. */
  readonly attempt: number;
  readonly script: string;
  readonly outcome: string;
  readonly exit_code: number;
  readonly message: string;
  readonly actor: string;
  readonly asked: string;
  /** Null where the load never started. */
  readonly started: string | null;
  readonly ended: string;
  readonly duration_us: number;
  readonly window_ms: number;
  readonly intervals: number;
  readonly zones: readonly string[];
  readonly agents: number;
  readonly planned: number;
  readonly completed: number;
  readonly interrupted: number;
  readonly dropped: number;
  readonly lost: number;
  readonly labels: Readonly<Record<string, string>>;
  /** JSON. */
  readonly plan: string;
  readonly summary: string;
  readonly sha256: string;
}

export interface MeasuredRows {
  readonly trends: readonly TrendRow[];
  readonly counters: readonly CounterRow[];
  readonly gauges: readonly GaugeRow[];
  readonly rates: readonly RateRow[];
}

export type MeasuredTable = keyof MeasuredRows;
export type HistoryTable = MeasuredTable | "runs";

export const MEASURED_TABLES: readonly MeasuredTable[] = ["trends", "counters", "gauges", "rates"];

/** Hub time, µs since the Unix epoch, as ClickHouse reads a DateTime64(6, 'UTC'). */
export function instantText(us: number): string {
  const seconds = Math.floor(us / 1e6);
  const rest = String(us - seconds * 1e6).padStart(6, "0");
  return `${seconds}.${rest}`;
}
