/**
 * The history port in memory, for tests: rows by table, inserts known by their tokens. A test may let it fail at any call,
 * or forget its tokens, as a server does after many inserts.
 */
import * as Effect from "effect/Effect";
import { blockOf } from "../domain/history/blocks.ts";
import {
  type HistoryTable,
  MEASURED_TABLES,
  type MeasuredTable,
  type RunRow,
  type SeriesRow,
} from "../domain/history/rows.ts";
import { TotalsOfRows } from "../domain/history/totals.ts";
import type { Batch, History, HistoryError, HistoryStore, Told } from "./history.ts";

/** Said before each call; a failure is what the caller gets. */
export type Weather = (call: keyof HistoryStore | "open", batch?: Batch) => HistoryError | undefined;

export class MemoryHistory implements History {
  readonly tables: Record<HistoryTable, object[]> = {
    trends: [],
    counters: [],
    gauges: [],
    rates: [],
    runs: [],
  };
  readonly tokens: string[] = [];
  readonly #weather: Weather;

  constructor(weather: Weather = () => undefined) {
    this.#weather = weather;
  }

  get open(): History["open"] {
    return this.#told("open", () => this.#store());
  }

  forgetTokens(): void {
    this.tokens.length = 0;
  }

  #told<A>(call: keyof HistoryStore | "open", answer: () => A, batch?: Batch): Told<A> {
    return Effect.suspend(() => {
      const error = this.#weather(call, batch);
      return error === undefined ? Effect.sync(answer) : Effect.fail(error);
    });
  }

  #store(): HistoryStore {
    return {
      insert: (batch) => this.#told("insert", () => this.#insert(batch), batch),
      blocks: (run, attempt) => this.#told("blocks", () => this.#blocks(run, attempt)),
      totals: (run, attempt) => this.#told("totals", () => this.#totals(run, attempt)),
      report: (run) => this.#told("report", () => this.#report(run)),
      removeBefore: (run, attempt) => this.#told("removeBefore", () => this.#removeBefore(run, attempt)),
    };
  }

  #insert({ rows, table, token }: Batch): void {
    if (this.tokens.includes(token)) return;
    this.tokens.push(token);
    this.tables[table].push(...rows);
  }

  #rows(table: MeasuredTable, run: string, attempt: number): readonly SeriesRow[] {
    const rows = this.tables[table] as SeriesRow[];
    return rows.filter((row) => row.run === run && row.attempt === attempt);
  }

  #blocks(run: string, attempt: number): Record<MeasuredTable, Map<number, number>> {
    const count = (table: MeasuredTable) => {
      const blocks = new Map<number, number>();
      for (const { interval } of this.#rows(table, run, attempt)) {
        blocks.set(blockOf(interval), (blocks.get(blockOf(interval)) ?? 0) + 1);
      }
      return blocks;
    };
    return {
      trends: count("trends"),
      counters: count("counters"),
      gauges: count("gauges"),
      rates: count("rates"),
    };
  }

  #totals(run: string, attempt: number): TotalsOfRows["totals"] {
    const sums = new TotalsOfRows();
    const entries = MEASURED_TABLES.map((table) => [table, this.#rows(table, run, attempt)]);
    sums.add(Object.fromEntries(entries));
    return sums.totals;
  }

  #report(run: string): RunRow | undefined {
    const rows = (this.tables.runs as RunRow[]).filter((row) => row.run === run);
    return rows.toSorted((a, b) => b.revision - a.revision || b.attempt - a.attempt)[0];
  }

  #removeBefore(run: string, attempt: number): void {
    const stays = (row: Pick<SeriesRow, "run" | "attempt">) => row.run !== run || row.attempt >= attempt;
    for (const table of [...MEASURED_TABLES, "runs"] as const) {
      this.tables[table] = (this.tables[table] as SeriesRow[]).filter(stays);
    }
  }
}
