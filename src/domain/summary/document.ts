/**
 * The summary document: the final figures of a run and whether they can be trusted. Data only, with k6's shapes for
 * metrics and checks; `canonicalJson` gives the same bytes for the same facts.
 */
import type { Guarded } from "../../../streams/schema/guard.ts";
import type { LedgerLine } from "../../../streams/schema/ledger.ts";
import type { HealthSample } from "../interval/health.ts";
import type { Judgement } from "../threshold/evaluate.ts";
import type { Frame } from "../threshold/windowed.ts";
import type { GroupSummary } from "./checks.ts";
import type { Breach } from "./generator-watch.ts";
import type { WindowCounts } from "./window-counts.ts";
import type { MetricSummary } from "./metric-values.ts";
import type { ZoneSummary } from "./zone-figures.ts";

/** One threshold and how it was judged on the whole run. */
export interface ThresholdSummary {
  readonly metric: string;
  readonly threshold: string;
  readonly judgement: Judgement;
  /** The figure it was judged on, in k6's units; absent without data. */
  readonly observed?: number;
  /** Of a threshold with a timeframe: when it saw that figure, at its breach or else nearest to its limit. */
  readonly frame?: Frame;
}

/** Load that is missing, or at least not measured: an agent or worker was lost and nobody took its part. */
export interface LoadGap {
  /** The agent, or the worker (`<agent>.<incarnation>/w<k>`) where the agent went on without it. */
  readonly agent: string;
  readonly zone: string;
  /** From the end of its last measured window to the end of the run, ms after the start. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Why it counts as lost. */
  readonly reason: string;
}

/** A run that was ended before its planned end: when its load ended where. */
export interface Stopped {
  /** The window at which root's log shows the cause, and its end in ms after the start; only of a threshold. */
  readonly window?: number;
  readonly windowEndMs?: number;
  /** When each agent sent its last request, ms after the start; agents that sent none are left out. */
  readonly lastRequestMs: Readonly<Record<string, number>>;
}

export interface Completeness {
  readonly agents: {
    readonly expected: number;
    readonly finished: number;
    readonly lost: readonly string[];
  };
  readonly windows: WindowCounts;
  /** One for each agent or worker that was lost after the start. */
  readonly gaps?: readonly LoadGap[];
  /**
   * Requests under way when their iteration was cut. The target may have counted them, no sample has them; absent when
   * there were none.
   */
  readonly interruptedRequests?: number;
  /** Requests that guard rails refused or held back; absent when there were none. */
  readonly guarded?: readonly Guarded[];
  readonly stopped?: Stopped;
  /** By metric, the tags with more values than are told apart: further ones are one series, `__other__`; totals are exact. */
  readonly folded?: Readonly<Record<string, readonly string[]>>;
  /** Entries that disagree; any makes the run invalid. */
  readonly mismatches: readonly string[];
  /** Samples by metric that were rejected or clamped. */
  readonly faults?: Readonly<Record<string, { readonly rejected: number; readonly saturated: number }>>;
}

export interface GeneratorSummary {
  readonly byAgent: Readonly<Record<string, HealthSample>>;
  /** What a breach of the plan's budgets means; absent when the plan has none. */
  readonly onBreach?: "invalid" | "warn";
  /** Budgets that were broken; absent when none was. */
  readonly breaches?: readonly GeneratorBreach[];
  /** p99 of the iterations of open models, ms: from their actual and from their intended start. Absent in a mixed run. */
  readonly p99Ms?: { readonly actual: number; readonly intended: number };
}

export interface GeneratorBreach extends Breach {
  /** In words: which agent, what, how much, in which windows. */
  readonly message: string;
}

export interface SummaryDocument {
  readonly run: string;
  readonly script: string;
  readonly outcome: "passed" | "failed" | "aborted" | "invalid" | "errored";
  readonly exitCode: number;
  /** Why it ended before its planned end, or why its outcome is what it is. */
  readonly cause?: string;
  /** Instant of the start: µs since the Unix epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Of the run's random choices; `mesh run --seed` draws them again. Absent in summaries of older versions. */
  readonly seed?: number;
  readonly ledger: {
    readonly total: LedgerLine;
    readonly scenarios: Readonly<Record<string, LedgerLine>>;
    readonly agents: Readonly<Record<string, LedgerLine>>;
  };
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  /** The main figures by zone, in a run of several; absent in summaries of older versions. */
  readonly zones?: Readonly<Record<string, ZoneSummary>>;
  /** Requests by k6's error code (1000 + status for 4xx and 5xx); absent when all were answered as expected. */
  readonly request_errors?: Readonly<Record<string, number>>;
  readonly root_group: GroupSummary;
  readonly thresholds?: readonly ThresholdSummary[];
  readonly completeness: Completeness;
  readonly generator: GeneratorSummary;
  /** Largest offset of an agent's clock to the run's: measured, never applied. */
  readonly clock: {
    readonly skewUsMax: number;
    /** Bound of the error of that measurement, and the latest that an agent heard of the start; µs. */
    readonly errorUsMax: number;
    readonly startLateUsMax: number;
  };
}

/** JSON with sorted keys and no spaces. Fields that are undefined are left out, as in JSON. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The largest skew among generators. */
export function skewOf(byAgent: Readonly<Record<string, HealthSample>>): number {
  return Math.max(0, ...Object.values(byAgent).map(({ clockOffsetUs }) => Math.abs(clockOffsetUs)));
}
