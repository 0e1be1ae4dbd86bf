/**
 * The metrics that every run has: k6's names, kinds and units, and ours. Scripts may not declare a metric with
 * one of these names. Data only.
 */
import type { Kind, MetricDefinition, Unit } from "./definition.ts";

const define = (kind: Kind, unit: Unit, ...names: readonly string[]): MetricDefinition[] =>
  names.map((name) => ({ name, kind, unit }));

const DEFINITIONS: readonly MetricDefinition[] = [
  ...define("gauge", "default", "vus", "vus_max"),
  ...define("counter", "default", "iterations", "dropped_iterations", "http_reqs"),
  ...define("trend", "time", "iteration_duration", "group_duration"),
  ...define("rate", "default", "checks", "http_req_failed"),
  ...define("trend", "time", "http_req_duration", "http_req_blocked", "http_req_connecting"),
  ...define("trend", "time", "http_req_tls_handshaking", "http_req_sending", "http_req_waiting"),
  ...define("trend", "time", "http_req_receiving"),
  ...define("counter", "data", "data_sent", "data_received"),
  ...define("counter", "default", "ws_sessions", "ws_msgs_sent", "ws_msgs_received"),
  ...define("trend", "time", "ws_ping", "ws_session_duration", "ws_connecting", "grpc_req_duration"),
  // Ours. The first is latency from the intended start (coordinated omission); the others are for the ledger.
  ...define("trend", "time", "iteration_duration_intended"),
  // Iterations that ended with an error of the script; they are completed, too, as in k6.
  ...define("counter", "default", "iterations_failed"),
  ...define("counter", "default", "iterations_started", "iterations_interrupted", "series_folded"),
  // A level of many machines is no gauge: it is what was added minus what was removed, which merges like any sum.
  ...define("counter", "default", "vus_added", "vus_removed", "vus_initialised"),
];

/** Every built-in metric by name. */
export const BUILTIN_METRICS: ReadonlyMap<string, MetricDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** Counters that the ledger, the completeness report and `vus` are made from; not shown among the metrics. */
export const HIDDEN_METRICS: ReadonlySet<string> = new Set([
  "iterations_started",
  "iterations_interrupted",
  "series_folded",
  "vus_added",
  "vus_removed",
  "vus_initialised",
]);

/** The built-in metric of that name. Throws on any other name: that is a bug of the caller. */
export function builtin(name: string): MetricDefinition {
  const definition = BUILTIN_METRICS.get(name);
  if (definition === undefined) throw new Error(`No built-in metric is called "${name}"`);
  return definition;
}
