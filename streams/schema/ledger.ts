/**
 * The ledger: planned = completed + interrupted + dropped + lost. `planned` comes from the plan alone, or is
 * the number of iterations started where an executor loops by time.
 */
import * as Schema from "effect/Schema";
import { Count } from "./ids.ts";

/** What an agent states of one scenario when it finishes, counted apart from its intervals. */
export const Tally = Schema.Struct({
  planned: Count,
  started: Count,
  completed: Count,
  interrupted: Count,
  dropped: Count,
});
export type Tally = typeof Tally.Type;

/** One line of the ledger in the summary. */
export const LedgerLine = Schema.Struct({
  planned: Count,
  completed: Count,
  interrupted: Count,
  dropped: Count,
  lost: Count,
});
export type LedgerLine = typeof LedgerLine.Type;

/** Tallies by scenario name. */
export const Tallies = Schema.Record(Schema.String, Tally);
export type Tallies = typeof Tallies.Type;
