/**
 * The history port over ClickHouse's HTTP interface. Relies on tokens of inserts and on deletions that are done when
 * they are answered. It knows tables and columns; what the rows mean is in src/domain/history.
 */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import * as Effect from "effect/Effect";
import { INTERVALS_PER_BLOCK } from "../domain/history/blocks.ts";
import { MEASURED_TABLES, type MeasuredTable } from "../domain/history/rows.ts";
import { ROWS, SUMMED, type TableTotals, WEIGHT } from "../domain/history/totals.ts";
import type { History, HistoryStore, LandedReport, Told } from "../ports/history.ts";
import { HistoryError } from "../ports/history.ts";
import { historyError } from "./failure.ts";
import { migrate, rowsOf } from "./migrate.ts";
import type { HistoryPlace, Locate, Login } from "./place.ts";
import { ROW_TABLES } from "./tables.ts";
import { checkVersion } from "./version.ts";

/** Every answer comes within this time, or the server counts as away. */
const ANSWER_WITHIN_MS = 60_000;

export const clickHouseHistory = (locate: Locate): History => ({
  open: Effect.gen(function* () {
    const place = yield* found(locate);
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => clientOf(place, place.writer)),
      (open) => Effect.promise(() => open.close()),
    );
    yield* told(place, () => checkVersion(place, place.writer));
    yield* told(place, () => migrate(client, place.database, place.url));
    return storeOf(place, client);
  }),
});

const found = (locate: Locate): Told<HistoryPlace> =>
  Effect.flatMap(Effect.promise(locate), (located): Told<HistoryPlace> =>
    "place" in located ? Effect.succeed(located.place) : Effect.fail(new HistoryError(located)),
  );

/** Asks, and says what a failure means. Interruption leaves the server to its own bound. */
const told = <A>({ url }: HistoryPlace, ask: () => Promise<A>): Told<A> =>
  Effect.tryPromise({ try: ask, catch: (error) => historyError(error, url) });

/** Without `database` the names in a statement must say theirs: ours do, for it may not be there yet. */
export const clientOf = (
  { url }: HistoryPlace,
  { password, user }: Login,
  database?: string,
): ClickHouseClient =>
  createClient({
    url,
    ...(database === undefined ? {} : { database }),
    username: user,
    password,
    request_timeout: ANSWER_WITHIN_MS,
    log: { level: ClickHouseLogLevel.OFF },
    application: "mesh",
  });

function storeOf(place: HistoryPlace, client: ClickHouseClient): HistoryStore {
  const { database } = place;
  return {
    insert: ({ rows, table, token }) =>
      told(place, async () => {
        await client.insert({
          table: `${database}.${ROW_TABLES[table]}`,
          values: rows,
          format: "JSONEachRow",
          // In one part and before the answer, so that a crash leaves all of it or nothing.
          clickhouse_settings: {
            async_insert: 0,
            wait_end_of_query: 1,
            insert_deduplicate: 1,
            insert_deduplication_token: token,
          },
        });
      }),
    blocks: (run, attempt) =>
      told(place, async () => {
        const found = MEASURED_TABLES.map(async (table) => [
          table,
          await blocksIn(client, `${database}.${ROW_TABLES[table]}`, { run, attempt }),
        ]);
        return Object.fromEntries(await Promise.all(found)) as Record<MeasuredTable, Map<number, number>>;
      }),
    totals: (run, attempt) =>
      told(place, async () => {
        const found = MEASURED_TABLES.map(async (table) => [
          table,
          await totalsIn(client, database, table, { run, attempt }),
        ]);
        return Object.fromEntries(await Promise.all(found)) as Record<MeasuredTable, TableTotals>;
      }),
    report: (run) =>
      told(place, async () => {
        const from = `${database}.${ROW_TABLES.runs}`;
        const query = `SELECT revision, attempt, sha256 FROM ${from} FINAL WHERE run = {run:String}`;
        const [row] = await rowsOf<LandedReport>(client, query, { run });
        return row;
      }),
    removeBefore: (run, attempt) =>
      told(place, async () => {
        for (const table of ["runs", ...MEASURED_TABLES] as const) {
          await client.command({
            query: `DELETE FROM ${database}.${ROW_TABLES[table]}
              WHERE run = {run:String} AND attempt < {attempt:UInt32}`,
            query_params: { run, attempt },
            clickhouse_settings: { lightweight_deletes_sync: "2", mutations_sync: "2" },
          });
        }
      }),
  };
}

interface Attempt extends Record<string, unknown> {
  readonly run: string;
  readonly attempt: number;
}

const OF_ATTEMPT = "run = {run:String} AND attempt = {attempt:UInt32}";

async function blocksIn(client: ClickHouseClient, from: string, of: Attempt) {
  const query = `SELECT intDiv(interval, ${INTERVALS_PER_BLOCK}) AS block, count() AS n
    FROM ${from} WHERE ${OF_ATTEMPT} GROUP BY block`;
  const rows = await rowsOf<{ block: string; n: string }>(client, query, of);
  return new Map(rows.map(({ block, n }) => [Number(block), Number(n)]));
}

const WEIGHT_SQL = "toString(sum(arraySum((value, samples) -> toInt128(value) * toInt128(samples), v, c)))";

async function totalsIn(
  client: ClickHouseClient,
  database: string,
  table: MeasuredTable,
  of: Attempt,
): Promise<TableTotals> {
  const sums = SUMMED[table].map((column) => `toString(sum(toInt256(${column}))) AS sum_${column}`);
  const weight = table === "trends" ? [`${WEIGHT_SQL} AS sum_${WEIGHT}`] : [];
  const query = `SELECT metric, toString(count()) AS sum_${ROWS}, ${[...sums, ...weight].join(", ")}
    FROM ${database}.${ROW_TABLES[table]} WHERE ${OF_ATTEMPT} GROUP BY metric`;
  const rows = await rowsOf<Record<string, string>>(client, query, of);
  return Object.fromEntries(rows.map(({ metric = "", ...columns }) => [metric, withoutPrefix(columns)]));
}

const withoutPrefix = (columns: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(columns).map(([name, sum]) => [name.replace(/^sum_/, ""), sum]));
