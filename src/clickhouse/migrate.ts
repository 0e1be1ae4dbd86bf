/**
 * Brings a database's tables to the form that we write. Two processes may do it at once: a statement may run twice, and
 * the record of a migration has a token, so that it is there once. Tables of a later version of mesh are left alone.
 */
import type { ClickHouseClient } from "@clickhouse/client";
import { HistoryError } from "../ports/history.ts";
import { MIGRATIONS, type Migration, migrationsTable } from "./schema.ts";

const KNOWN = MIGRATIONS.at(-1)?.version ?? 0;

export async function migrate(client: ClickHouseClient, database: string, url: string): Promise<void> {
  if (!(await hasTable(client, database))) {
    await makeDatabase(client, database);
    await client.command({ query: migrationsTable(database) });
  }
  const have = await versionOf(client, database);
  if (have > KNOWN) throw newerSchema(url, database, have);
  for (const migration of MIGRATIONS) {
    if (migration.version > have) await apply(client, database, migration);
  }
}

async function apply(client: ClickHouseClient, database: string, { statements, version }: Migration) {
  for (const query of statements(database)) await client.command({ query });
  await client.insert({
    table: `${database}.migrations`,
    columns: ["version"],
    values: [{ version }],
    format: "JSONEachRow",
    clickhouse_settings: { insert_deduplicate: 1, insert_deduplication_token: `migration/${version}` },
  });
}

/** Creating it needs a grant even when it is there, which a person may not have given. */
async function makeDatabase(client: ClickHouseClient, database: string): Promise<void> {
  const query = "SELECT count() AS n FROM system.databases WHERE name = {database:String}";
  const [row] = await rowsOf<{ n: string }>(client, query, { database });
  if (row?.n === "0") await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
}

async function hasTable(client: ClickHouseClient, database: string): Promise<boolean> {
  const query =
    "SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = 'migrations'";
  const [row] = await rowsOf<{ n: string }>(client, query, { database });
  return row?.n !== "0";
}

async function versionOf(client: ClickHouseClient, database: string): Promise<number> {
  const [row] = await rowsOf<{ version: number }>(
    client,
    `SELECT max(version) AS version FROM ${database}.migrations`,
    {},
  );
  return row?.version ?? 0;
}

/** All rows of an answer; whole numbers of 64 bit and more are text in it. */
export async function rowsOf<Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): Promise<Row[]> {
  const answer = await client.query({
    query,
    query_params,
    format: "JSONEachRow",
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  });
  return answer.json<Row>();
}

function newerSchema(url: string, database: string, have: number): HistoryError {
  const detail = `the tables in ${database} at ${url} are of schema ${have}, and this mesh knows ${KNOWN}`;
  return new HistoryError({
    reason: "refused",
    detail,
    hint: "use the version of mesh that made them, or a newer one",
  });
}
