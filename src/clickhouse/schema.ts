/**
 * The tables, in the order in which they came to be: each migration is applied once, and never changed after a release.
 * All times are UTC. Nothing expires. Every statement may run twice, for two processes may apply it at once.
 */
import type { MeasuredTable } from "../domain/history/rows.ts";
import { ROW_TABLES } from "./tables.ts";
import { viewStatements } from "./views.ts";

export interface Migration {
  readonly version: number;
  readonly statements: (database: string) => readonly string[];
}

/** How many inserts into a table are remembered by their token: a run of an hour makes 61 per table. */
const REMEMBERED = "non_replicated_deduplication_window = 10000";

/** What the rows of all measured tables begin with. */
const SERIES = `
  run LowCardinality(String),
  attempt UInt32,
  interval UInt64 CODEC(Delta, ZSTD(1)),
  window UInt64 CODEC(Delta, ZSTD(1)),
  ts DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  metric LowCardinality(String),
  unit LowCardinality(String),
  scenario LowCardinality(String),
  tags Map(LowCardinality(String), String),
  series UInt64,
  rejected UInt64 CODEC(T64, ZSTD(1))`;

/** Run and attempt come first: the rows of an attempt that counts are found, and deleted, without reading others. */
const measured = (database: string, table: MeasuredTable, columns: string): string =>
  `CREATE TABLE IF NOT EXISTS ${database}.${ROW_TABLES[table]} (${SERIES},${columns}
) ENGINE = MergeTree ORDER BY (run, attempt, metric, scenario, series, interval) SETTINGS ${REMEMBERED}`;

const TRENDS = `
  count UInt64 CODEC(T64, ZSTD(1)),
  sum UInt128 CODEC(ZSTD(1)),
  min UInt64 CODEC(T64, ZSTD(1)),
  max UInt64 CODEC(T64, ZSTD(1)),
  saturated UInt64 CODEC(T64, ZSTD(1)),
  v Array(UInt64) CODEC(Delta(8), ZSTD(3)),
  c Array(UInt64) CODEC(T64, ZSTD(3)),
  CONSTRAINT same_length CHECK length(v) = length(c),
  CONSTRAINT all_counted CHECK arraySum(c) = count`;

const COUNTERS = `
  value Int128 CODEC(ZSTD(1))`;

const GAUGES = `
  readings UInt8,
  value Int64 CODEC(ZSTD(1)),
  min Int64 CODEC(ZSTD(1)),
  max Int64 CODEC(ZSTD(1)),
  at UInt64 CODEC(ZSTD(1)),
  source String,
  CONSTRAINT in_order CHECK min <= value AND value <= max`;

const RATES = `
  passes UInt64 CODEC(T64, ZSTD(1)),
  total UInt64 CODEC(T64, ZSTD(1)),
  CONSTRAINT no_more_than_all CHECK passes <= total`;

/** The latest attempt at the greatest revision of a run's report replaces the others: the view reads it with FINAL. */
const runs = (database: string): string => `CREATE TABLE IF NOT EXISTS ${database}.${ROW_TABLES.runs} (
  run String,
  revision UInt32,
  attempt UInt32,
  version UInt64 MATERIALIZED toUInt64(revision) * 4294967296 + attempt,
  script LowCardinality(String),
  outcome LowCardinality(String),
  exit_code UInt16,
  message String,
  actor LowCardinality(String),
  asked DateTime64(6, 'UTC'),
  started Nullable(DateTime64(6, 'UTC')),
  ended DateTime64(6, 'UTC'),
  duration_us UInt64,
  window_ms UInt32,
  intervals UInt64,
  zones Array(LowCardinality(String)),
  agents UInt32,
  planned UInt64,
  completed UInt64,
  interrupted UInt64,
  dropped UInt64,
  lost UInt64,
  labels Map(LowCardinality(String), String),
  plan String CODEC(ZSTD(3)),
  summary String CODEC(ZSTD(3)),
  sha256 String
) ENGINE = ReplacingMergeTree(version) ORDER BY run SETTINGS ${REMEMBERED}`;

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: (database) => [
      runs(database),
      measured(database, "trends", TRENDS),
      measured(database, "counters", COUNTERS),
      measured(database, "gauges", GAUGES),
      measured(database, "rates", RATES),
      ...viewStatements(database),
    ],
  },
];

export const migrationsTable = (
  database: string,
): string => `CREATE TABLE IF NOT EXISTS ${database}.migrations (
  version UInt32,
  applied DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY version SETTINGS ${REMEMBERED}`;
