/** What an agent states of its share when it has finished: the second entry of the ledger's double entry. */
import * as Schema from "effect/Schema";
import { Guarded } from "./guard.ts";
import { AgentName, Count, Instant, ZoneName } from "./ids.ts";
import { Tallies } from "./ledger.ts";

/** Intervals that could not be counted: they contradicted the log, or never arrived. The run is then invalid. */
export const Aside = Schema.Struct({
  intervals: Count,
  /** Why the first of them was not counted, for a person. */
  reason: Schema.String,
  /** How many of them had not arrived: they may still come, and are then counted after all. */
  missing: Schema.optionalKey(Count),
});
export type Aside = typeof Aside.Type;

/** A worker process that died: what it measured after its last interval is unknown. */
export const WorkerLoss = Schema.Struct({
  worker: Schema.String,
  /** Why, for a person. */
  reason: Schema.String,
  /** Intervals of it that were merged; the gap begins with the window after them. */
  intervals: Count,
});
export type WorkerLoss = typeof WorkerLoss.Type;

export const AgentFinish = Schema.Struct({
  agent: AgentName,
  /** Its zone, where that lies below the one that tells of it. */
  zone: Schema.optionalKey(ZoneName),
  incarnation: Count,
  tallies: Tallies,
  /** How many intervals its log holds; all of them must be covered before the run's numbers are whole. */
  intervals: Count,
  /** When its last request ended, hub time; 0 when it sent none. */
  lastRequestAt: Instant,
  /** When its load ended, hub time; 0 when it never started. */
  endedAt: Instant,
  /** How late it heard of the start, µs; 0 when it was ready before the instant. */
  startLateUs: Count,
  /** Offset of its clock to its zone server's, µs, and half the round trip that bounds the error. */
  clockOffsetUs: Schema.Int,
  clockErrorUs: Count,
  /** False when it was stopped before the planned end. */
  whole: Schema.Boolean,
  /** Requests under way when their iteration was cut: the target may have counted them, no sample has them. */
  interruptedRequests: Schema.optionalKey(Count),
  /** Workers it lost after the start; its totals are then of the others only. */
  lostWorkers: Schema.optionalKey(Schema.Array(WorkerLoss)),
  /** Intervals of its workers that it could not count. */
  aside: Schema.optionalKey(Aside),
  /** Requests that guard rails refused or held back. */
  guarded: Schema.optionalKey(Schema.Array(Guarded)),
});
export type AgentFinish = typeof AgentFinish.Type;

/** What a zone knows of an agent that is gone: a lower bound of what it did. */
export const AgentLoss = Schema.Struct({
  agent: AgentName,
  /** Its zone, where that lies below the one that tells of it. */
  zone: Schema.optionalKey(ZoneName),
  incarnation: Count,
  /** Why it counts as lost, for a person. */
  reason: Schema.String,
  /** What its merged intervals hold so far. */
  tallies: Tallies,
  /** Intervals of it that were merged. */
  intervals: Count,
  /** Last window of which something is known, -1 for none; the gap in load begins with the next. */
  lastWindow: Schema.Int,
});
export type AgentLoss = typeof AgentLoss.Type;
