/**
 * What people ask: the exact rows as figures in k6's units, by run and metric. Quantiles are those of root and of replay,
 * to the bit. Every view reads the rows of the attempt that counts, and no others. Text only.
 */
import { MEASURED_TABLES, type MeasuredTable } from "../domain/history/rows.ts";
import { ROW_TABLES } from "./tables.ts";

/**
 * `mesh_quantile(percent, sumMap(v, c), least, greatest)`: the value of rank max(1, ⌈percent × n ⁄ 100⌉) among the buckets,
 * clamped. ClickHouse's own quantiles compute the rank in floating point and are one bucket off at times.
 */
const QUANTILE = `CREATE FUNCTION IF NOT EXISTS mesh_quantile AS (percent, buckets, least_value, greatest_value) ->
  if(empty(tupleElement(buckets, 1)), NULL, greatest(least_value, least(greatest_value,
    tupleElement(buckets, 1)[arrayFirstIndex(
      seen -> toUInt128(seen) >= greatest(toUInt128(1), intDiv(
        toUInt128(round(percent * 10000000000.)) * toUInt128(arraySum(tupleElement(buckets, 2))) + toUInt128(999999999999),
        toUInt128(1000000000000))),
      arrayCumSum(tupleElement(buckets, 2)))])))`;

/** A trend's wire number in k6's unit: ms, or the script's own. */
const PERCENTILES = [
  ["p50", 50],
  ["p90", 90],
  ["p95", 95],
  ["p99", 99],
  ["p999", 99.9],
] as const;

const percentiles = (): string =>
  PERCENTILES.map(
    ([name, percent]) => `mesh_quantile(${percent}, buckets, least_value, greatest_value) / 1000 AS ${name}`,
  ).join(",\n  ");

/** Rows without a sample have no least and no greatest value. */
const FOLDED = `sum(t.count) AS samples, sum(t.sum) AS total, sumMap(t.v, t.c) AS buckets,
    minIf(t.min, t.count > 0) AS least_value, maxIf(t.max, t.count > 0) AS greatest_value,
    sum(t.rejected) AS rejected_samples, sum(t.saturated) AS saturated_samples`;

const FIGURES = `samples AS count,
  if(samples = 0, NULL, toFloat64(total) / toFloat64(samples) / 1000) AS avg,
  if(samples = 0, NULL, least_value / 1000) AS min,
  if(samples = 0, NULL, greatest_value / 1000) AS max,
  ${percentiles()}`;

const view = (database: string, name: string, select: string): string =>
  `CREATE VIEW IF NOT EXISTS ${database}.${name} AS ${select}`;

const runs = (database: string): string =>
  `SELECT * EXCEPT attempt FROM ${database}.${ROW_TABLES.runs} FINAL`;

/** The rows of the attempt that the run's row names; others are left from a leader that was not the last. */
const measured = (database: string, table: MeasuredTable): string =>
  `SELECT * EXCEPT attempt FROM ${database}.${ROW_TABLES[table]}
  WHERE (run, attempt) IN (SELECT run, attempt FROM ${database}.${ROW_TABLES.runs} FINAL)`;

const trendSummary = (database: string): string => `SELECT run, metric, unit,
  ${FIGURES},
  rejected_samples AS rejected,
  saturated_samples AS saturated
FROM (
  SELECT t.run AS run, t.metric AS metric, any(t.unit) AS unit, ${FOLDED}
  FROM ${database}.trends AS t GROUP BY t.run, t.metric
) ORDER BY run, metric`;

const trendWindows = (database: string): string => `SELECT run, metric, window, ts,
  ${FIGURES}
FROM (
  SELECT t.run AS run, t.metric AS metric, t.window AS window, any(t.ts) AS ts, ${FOLDED}
  FROM ${database}.trends AS t GROUP BY t.run, t.metric, t.window
) ORDER BY run, metric, window`;

const counterSummary = (database: string): string => `SELECT t.run AS run, t.metric AS metric,
  sum(t.value) / 1000000 AS count,
  sum(t.rejected) AS rejected
FROM ${database}.counters AS t GROUP BY t.run, t.metric ORDER BY run, metric`;

/** The last value by instant, then source, then size, as gauges merge. */
const gaugeSummary = (database: string): string => `SELECT t.run AS run, t.metric AS metric,
  argMax(t.value, (t.at, t.source, t.value)) / 1000 AS value,
  min(t.min) / 1000 AS min,
  max(t.max) / 1000 AS max
FROM ${database}.gauges AS t WHERE t.readings > 0 GROUP BY t.run, t.metric ORDER BY run, metric`;

const rateSummary = (database: string): string => `SELECT t.run AS run, t.metric AS metric,
  sum(t.passes) AS passes,
  sum(t.total) - sum(t.passes) AS fails,
  if(sum(t.total) = 0, NULL, sum(t.passes) / sum(t.total)) AS rate
FROM ${database}.rates AS t GROUP BY t.run, t.metric ORDER BY run, metric`;

const latestRuns = (database: string): string => `SELECT
  runs.run AS run, runs.script AS script, runs.outcome AS outcome, runs.exit_code AS exit_code,
  coalesce(runs.started, runs.asked) AS started,
  runs.duration_us / 1000000 AS seconds,
  runs.completed AS iterations,
  requests.count AS requests,
  failed.rate AS failed,
  durations.p95 AS p95_ms
FROM ${database}.runs AS runs
LEFT JOIN (SELECT run, count FROM ${database}.counter_summary WHERE metric = 'http_reqs') AS requests ON requests.run = runs.run
LEFT JOIN (SELECT run, rate FROM ${database}.rate_summary WHERE metric = 'http_req_failed') AS failed ON failed.run = runs.run
LEFT JOIN (SELECT run, p95 FROM ${database}.trend_summary WHERE metric = 'http_req_duration') AS durations ON durations.run = runs.run
ORDER BY started DESC`;

export const viewStatements = (database: string): readonly string[] => [
  QUANTILE,
  view(database, "runs", runs(database)),
  ...MEASURED_TABLES.map((table) => view(database, table, measured(database, table))),
  view(database, "trend_summary", trendSummary(database)),
  view(database, "trend_windows", trendWindows(database)),
  view(database, "counter_summary", counterSummary(database)),
  view(database, "gauge_summary", gaugeSummary(database)),
  view(database, "rate_summary", rateSummary(database)),
  view(database, "latest_runs", latestRuns(database)),
];
