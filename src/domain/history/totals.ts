/**
 * Counts and sums of a run's rows, by table and metric: made once from the log and once by ClickHouse, they must be the
 * same numbers before a run counts as landed. Pure, exact, and in no order.
 */
import { ExactSum } from "../metric/exact-sum.ts";
import type { Exact, MeasuredRows, MeasuredTable } from "./rows.ts";
import { MEASURED_TABLES } from "./rows.ts";

/** The columns whose sums are compared. `interval` tells a block that is missing from one that is there twice. */
export const SUMMED = {
  trends: ["interval", "window", "count", "sum", "min", "max", "rejected", "saturated"],
  counters: ["interval", "window", "value", "rejected"],
  gauges: ["interval", "window", "readings", "value", "min", "max", "at", "rejected"],
  rates: ["interval", "window", "passes", "total", "rejected"],
} as const satisfies Record<MeasuredTable, readonly string[]>;

/** Beside the sums: the number of rows, and for trends every bucket's value times its count. */
export const ROWS = "rows";
export const WEIGHT = "weight";

/** By metric, then by column. */
export type TableTotals = Readonly<Record<string, Readonly<Record<string, Exact>>>>;
export type Totals = Readonly<Record<MeasuredTable, TableTotals>>;

type Sums = Record<string, ExactSum>;

/** Adds up rows as they are made. */
export class TotalsOfRows {
  readonly #tables = Object.fromEntries(
    MEASURED_TABLES.map((table) => [table, new Map<string, Sums>()]),
  ) as Record<MeasuredTable, Map<string, Sums>>;

  add(rows: MeasuredRows): void {
    for (const table of MEASURED_TABLES) {
      for (const row of rows[table]) this.#addRow(table, row as unknown as Record<string, Exact | number>);
    }
    for (const { c, metric, v } of rows.trends) addWeight(this.#sums("trends", metric), v, c);
  }

  #addRow(table: MeasuredTable, row: Readonly<Record<string, Exact | number>>): void {
    const sums = this.#sums(table, String(row["metric"]));
    sums[ROWS]?.add(1);
    for (const column of SUMMED[table]) {
      const value = row[column] ?? 0;
      if (typeof value === "number") sums[column]?.add(value);
      else sums[column]?.addBig(BigInt(value));
    }
  }

  #sums(table: MeasuredTable, metric: string): Sums {
    const known = this.#tables[table].get(metric);
    if (known !== undefined) return known;
    const columns = [ROWS, ...SUMMED[table], ...(table === "trends" ? [WEIGHT] : [])];
    const sums = Object.fromEntries(columns.map((column) => [column, new ExactSum()]));
    this.#tables[table].set(metric, sums);
    return sums;
  }

  get totals(): Totals {
    const totals = { trends: empty(), counters: empty(), gauges: empty(), rates: empty() };
    for (const table of MEASURED_TABLES) {
      for (const [metric, sums] of this.#tables[table]) {
        const entries = Object.entries(sums).map(([column, sum]) => [column, String(sum.total)]);
        totals[table][metric] = Object.fromEntries(entries) as Record<string, Exact>;
      }
    }
    return totals;
  }
}

/** A metric may be called like something that every object has. */
const empty = (): Record<string, Record<string, Exact>> =>
  Object.create(null) as Record<string, Record<string, Exact>>;

function addWeight(sums: Sums, v: readonly number[], c: readonly number[]): void {
  for (const [index, value] of v.entries()) {
    const product = value * (c[index] ?? 0);
    if (Number.isSafeInteger(product)) sums[WEIGHT]?.add(product);
    else sums[WEIGHT]?.addBig(BigInt(value) * BigInt(c[index] ?? 0));
  }
}

/** Rows by table. */
export const rowCounts = (totals: Totals): Record<MeasuredTable, number> => ({
  trends: rowsIn(totals.trends),
  counters: rowsIn(totals.counters),
  gauges: rowsIn(totals.gauges),
  rates: rowsIn(totals.rates),
});

const rowsIn = (table: TableTotals): number =>
  Object.values(table).reduce((sum, columns) => sum + Number(columns[ROWS] ?? 0), 0);

/** The first figure in which the two differ, in words; undefined when they are the same. */
export function differenceOf(log: Totals, stored: Totals): string | undefined {
  for (const table of MEASURED_TABLES) {
    const metrics = [...new Set([...Object.keys(log[table]), ...Object.keys(stored[table])])].toSorted();
    for (const metric of metrics) {
      const [want, have] = [log[table][metric] ?? {}, stored[table][metric] ?? {}];
      for (const column of [ROWS, ...SUMMED[table], ...(table === "trends" ? [WEIGHT] : [])]) {
        const [is, was] = [have[column] ?? "0", want[column] ?? "0"];
        if (is !== was) return `${table}, ${metric}, ${column}: the log has ${was}, ClickHouse ${is}`;
      }
    }
  }
  return undefined;
}
