/**
 * A small finished run, made with the real recorder and mergers: two agents, groups, checks, a custom trend, errors.
 * Deterministic, so that the summary of it may stand in a golden file.
 */
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import type { MetricDefinition } from "../../../src/domain/metric/definition.ts";
import { skewOf, type SummaryDocument } from "../../../src/domain/summary/document.ts";
import { ledger } from "../../../src/domain/summary/ledger.ts";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import { Recorder } from "../../../src/engine/recorder.ts";

const CART_SIZE: MetricDefinition = { name: "cart_size", kind: "trend", unit: "default" };

/** One iteration with one request, whose duration grows with `n`. */
function iterate(recorder: Recorder, n: number): void {
  const add = (metric: MetricDefinition, value: number, tags: Record<string, string> = {}) =>
    recorder.add(recorder.series(metric, tags), value);
  const isGood = n % 10 !== 0;
  const tags = { status: isGood ? "200" : "500", expected_response: String(isGood) };
  add(builtin("http_reqs"), 1, tags);
  add(builtin("http_req_failed"), isGood ? 0 : 1, tags);
  add(builtin("http_req_duration"), 1000 + n * 250, tags);
  add(builtin("checks"), isGood ? 1 : 0, { group: "::shop::cart", check: "status is 200" });
  add(builtin("checks"), 1, { group: "", check: "has a body" });
  add(builtin("group_duration"), 5000 + n, { group: "::shop" });
  add(builtin("data_received"), 1234);
  add(builtin("iterations_started"), 1);
  add(builtin("iterations"), 1);
  add(builtin("iteration_duration"), 2000 + n * 250);
  add(CART_SIZE, n / 4);
}

function agentFrames(name: string, iterations: number): Uint8Array[] {
  const recorder = new Recorder(name, { scenario: "shoppers" }, { elapsedUs: () => 1000 });
  recorder.series(builtin("iterations_interrupted"), {});
  recorder.series(builtin("dropped_iterations"), {});
  return [0, 1].map((window) => {
    recorder.add(recorder.series(builtin("vus"), {}), 2);
    for (let n = 0; n < iterations; n += 1) iterate(recorder, n);
    const health = {
      agent: name,
      lagUsMax: 900 + window,
      lagUsP99: 400,
      loopDelayUsMax: 12_000,
      gcUs: 3000,
      cpuPermille: 412,
      rssKb: 81_000,
      clockOffsetUs: -150,
      drops: 0,
    };
    return recorder.close(window, { final: window === 1, health: [health] });
  });
}

/** Root's interval log: two windows of two agents. */
export function rootLog(): Uint8Array[] {
  const children = ["a.1", "b.1"];
  const merger = new IntervalMerger({ source: "root.1", windowMs: 1000, latenessMs: 500, children });
  for (const frame of [...agentFrames("a.1", 20), ...agentFrames("b.1", 10)]) merger.offer(frame, 0);
  return merger.due(1e6).map((window) => merger.close(window));
}

export function metricsOf(log: readonly Uint8Array[], selectors: readonly string[] = []): RunMetrics {
  const summaryTrendStats = ["avg", "min", "med", "max", "p(90)", "p(95)", "count"];
  const metrics = new RunMetrics({ summaryTrendStats, selectors });
  for (const bytes of log) metrics.add(bytes);
  return metrics;
}

/** The summary of the small run of the fixture. */
export function documentOf(): SummaryDocument {
  const metrics = metricsOf(rootLog(), ["http_req_duration{status:500}"]);
  const tally = (n: number) => ({ planned: n, started: n, completed: n, interrupted: 0, dropped: 0 });
  const agents = [
    { agent: "a", tallies: { shoppers: tally(40) } },
    { agent: "b", tallies: { shoppers: tally(20) } },
  ];
  const { mismatches, ...books } = ledger({ shoppers: 60 }, metrics.scenarioCounts(), agents);
  const byAgent = metrics.log.health;
  return {
    run: "mhzk-1",
    script: "shop.ts",
    outcome: "failed",
    exitCode: 99,
    cause: "1 threshold failed: http_req_duration p(95)<5",
    startedAt: 1_790_000_000_000_000,
    durationMs: 2000,
    ledger: books,
    metrics: metrics.metrics(2000),
    root_group: metrics.rootGroup(),
    thresholds: [
      { metric: "http_req_duration", threshold: "p(95)<5", judgement: "fail", observed: 5.503 },
      { metric: "http_req_failed", threshold: "rate<0.2", judgement: "pass", observed: 0.1 },
      { metric: "http_req_duration{status:404}", threshold: "avg<1", judgement: "no data" },
    ],
    completeness: {
      agents: { expected: 2, finished: 2, lost: [] },
      windows: metrics.log.windows,
      mismatches: [...metrics.mismatches, ...mismatches],
    },
    generator: { byAgent },
    clock: { skewUsMax: skewOf(byAgent), errorUsMax: 40, startLateUsMax: 0 },
  };
}

/** The same run as it would be told had nearly everything gone wrong in it, with names that text must survive. */
export function troubledDocument(): SummaryDocument {
  const document = documentOf();
  const { completeness, root_group: root } = document;
  const name = `says <b>"100%"</b> & |'x'|\u0000\u001b[31m\ud800, a:b\nand more`;
  const check = { name, path: `::${name}`, id: "0", passes: 3, fails: 1 };
  return {
    ...document,
    outcome: "invalid",
    exitCode: 97,
    cause: "the numbers are not whole: Zone eu.1 stated 4 intervals, 3 arrived",
    root_group: { ...root, checks: [...root.checks, check] },
    completeness: {
      ...completeness,
      agents: { expected: 3, finished: 2, lost: ["c"] },
      windows: {
        total: 12,
        complete: 9,
        partial: 3,
        workers: { min: 2, typical: 6, max: 6 },
        lacking: [
          [3, 4],
          [9, 9],
        ],
      },
      gaps: [{ agent: "c", zone: "eu", fromMs: 3000, toMs: 12_000, reason: "no word for 5 s" }],
      interruptedRequests: 2,
      mismatches: ["Zone eu.1 stated 4 intervals, 3 arrived"],
    },
  };
}
