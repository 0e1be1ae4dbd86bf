/**
 * Where runs land when they are over: tables that can be asked in SQL. Root writes; `src/clickhouse` implements it, and
 * `memory-history.ts` beside this file is the same for tests. A run does not need it: nothing here is on the way to a
 * verdict.
 */
import * as Context from "effect/Context";
import * as Data from "effect/Data";
import type * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { HistoryTable, MeasuredTable, RunRow } from "../domain/history/rows.ts";
import type { Totals } from "../domain/history/totals.ts";

/**
 * `absent`: this mesh has none. `refused`: it is there, and will not have us, or we not it: a person must act.
 * `unavailable`: try later. `full`: its disk is.
 */
export type HistoryFault = "absent" | "refused" | "unavailable" | "full";

export class HistoryError extends Data.TaggedError("HistoryError")<{
  readonly reason: HistoryFault;
  readonly detail: string;
  /** The next step for a person; "" where there is none but to wait. */
  readonly hint: string;
}> {
  override get message(): string {
    return this.hint === "" ? this.detail : `${this.detail}; ${this.hint}`;
  }
}

export type Told<A> = Effect.Effect<A, HistoryError>;

/** Rows that are written together or not at all. Said twice with one token, they are there once. */
export interface Batch {
  readonly table: HistoryTable;
  readonly rows: readonly object[];
  readonly token: string;
}

export type LandedReport = Pick<RunRow, "revision" | "attempt" | "sha256">;

export interface HistoryStore {
  insert(batch: Batch): Told<void>;
  /** How many rows of an attempt at a run are there, by table and block of intervals. */
  blocks(run: string, attempt: number): Told<Readonly<Record<MeasuredTable, ReadonlyMap<number, number>>>>;
  /** Counts and sums of what is there of an attempt at a run. */
  totals(run: string, attempt: number): Told<Totals>;
  /** The row of a run that counts. Whoever asks for the run sees the measured rows of its attempt, and no others. */
  report(run: string): Told<LandedReport | undefined>;
  /** Deletes what earlier attempts at a run have left; it is gone when this returns. Later ones are not touched. */
  removeBefore(run: string, attempt: number): Told<void>;
}

export interface History {
  /** Finds it, and makes sure that its tables are there and ours. */
  readonly open: Effect.Effect<HistoryStore, HistoryError, Scope.Scope>;
}

/** A root without one lands nothing, and says nothing about it: that is the default. */
export const CurrentHistory = Context.Reference<History | undefined>("mesh/History", {
  defaultValue: () => undefined,
});
