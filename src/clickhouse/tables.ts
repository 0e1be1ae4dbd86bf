/**
 * The names of the tables that hold the rows. They may hold rows of an attempt that came to nothing beside those that
 * count, so people ask the views that are called like the tables of the domain. Names only.
 */
import type { HistoryTable } from "../domain/history/rows.ts";

export const ROW_TABLES = {
  runs: "run_rows",
  trends: "trend_rows",
  counters: "counter_rows",
  gauges: "gauge_rows",
  rates: "rate_rows",
} as const satisfies Record<HistoryTable, string>;
