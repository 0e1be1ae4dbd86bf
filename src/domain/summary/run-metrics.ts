/**
 * The folded totals of a run: reads root's interval log in its order and holds one cell per metric, sub-metric, check
 * and ledger line, beside the seconds that thresholds with a timeframe look at. Live view, thresholds and summary all read from here, so they cannot disagree. Memory does not
 * grow with the length of the run. An interval that comes twice counts once.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import { type Cell, makeCell } from "../metric/cell.ts";
import { HIDDEN_METRICS } from "../metric/builtin.ts";
import type { Kind, Unit } from "../metric/definition.ts";
import { parseCanonical, type SeriesId, seriesIdText } from "../metric/series.ts";
import { collectDefinitions, type Definitions } from "../interval/definitions.ts";
import { readFrameHead } from "../interval/head.ts";
import { checkSeries, readSeries } from "../interval/series-section.ts";
import type { Seconds } from "../threshold/seconds.ts";
import type { WindowedThresholds } from "../threshold/windowed.ts";
import type { GroupSummary } from "./checks.ts";
import type { GeneratorWatch } from "./generator-watch.ts";
import { LogReport } from "./log-report.ts";
import { type MetricSummary, valuesOf } from "./metric-values.ts";
import { LEDGER_METRICS, mergeIntoAll, Views } from "./views.ts";
import { ZoneFigures } from "./zone-figures.ts";

export interface RunMetricsOptions {
  /** Columns of a trend: avg, min, med, max, count, p(N). */
  readonly summaryTrendStats: readonly string[];
  /** Metrics and sub-metrics that thresholds ask for, as the plan spells them. */
  readonly selectors: readonly string[];
  /** Judges the generators' health, where the plan has budgets for it. */
  readonly generator?: GeneratorWatch | undefined;
  /** The thresholds with a timeframe among them; none where nobody asks. */
  readonly windowed?: WindowedThresholds;
  /** Folds the main figures by zone, too. */
  readonly byZone?: boolean;
}

/** Iterations by scenario, from the merged counters. */
export interface ScenarioCounts {
  readonly started: number;
  readonly completed: number;
  readonly interrupted: number;
  readonly dropped: number;
}

/** What a series feeds. Until its definition is known that is one cell that waits. */
interface Feed {
  readonly kind: Kind;
  readonly waiting: Cell | undefined;
  readonly cells: readonly Cell[];
  readonly seconds: readonly Seconds[];
}

export class RunMetrics {
  /** Windows, contributors, health and contradictions of the log. */
  readonly log: LogReport;
  readonly zones: ZoneFigures | undefined;
  readonly #options: RunMetricsOptions;
  readonly #views: Views;
  readonly #feeds = new Map<SeriesId, Feed>();
  readonly #definitions = new Map<SeriesId, string>();

  constructor(options: RunMetricsOptions) {
    this.#options = options;
    this.log = new LogReport(options.generator);
    this.zones = options.byZone === true ? new ZoneFigures() : undefined;
    this.#views = new Views(options.selectors, this.zones);
  }

  /** Folds the next interval of root's log; false when it was there already. Throws `MalformedFrame`. */
  add(bytes: Uint8Array): boolean {
    const reader = new ByteReader(bytes);
    const head = readFrameHead(reader);
    const coverage = reader.section();
    const found = collectDefinitions(reader, this.#definitions);
    checkSeries(new ByteReader(bytes, reader.at), (id) => this.#feeds.get(id)?.kind);
    if (!this.log.add(head, coverage)) return false;
    this.#learn(found);
    readSeries(reader, (id, kind, body) => this.#fold(id, kind, body));
    const { windowed } = this.#options;
    this.#views.noteVus(head.window, (name, level) => windowed?.secondsOf(name)?.level(level, head.window));
    windowed?.close(head.window);
    return true;
  }

  #learn(found: Definitions): void {
    for (const [id, canonical] of found) {
      this.#definitions.set(id, canonical);
      const feed = this.#feeds.get(id);
      if (feed?.waiting === undefined) continue;
      const now = this.#feed(id, feed.kind);
      mergeIntoAll(now.cells, feed.waiting);
      this.#feeds.set(id, now);
    }
  }

  #fold(id: SeriesId, kind: Kind, body: ByteReader): void {
    const feed = this.#feeds.get(id) ?? this.#feed(id, kind);
    this.#feeds.set(id, feed);
    const start = body.at;
    for (const cell of feed.cells) {
      body.at = start;
      cell.fold(body);
    }
    for (const seconds of feed.seconds) {
      body.at = start;
      seconds.fold(kind, body);
    }
  }

  #feed(id: SeriesId, kind: Kind): Feed {
    const canonical = this.#definitions.get(id);
    const series = canonical === undefined ? undefined : parseCanonical(canonical);
    if (series === undefined) {
      const waiting = makeCell(kind);
      // No second has what comes before its definition: in a sound log nothing does.
      return { kind, waiting, cells: [waiting], seconds: [] };
    }
    if (series.kind === kind) {
      const seconds = this.#views.namesOf(series).map((name) => this.#options.windowed?.secondsOf(name));
      return {
        kind,
        waiting: undefined,
        cells: this.#views.fedBy(series),
        seconds: seconds.filter((each) => each !== undefined),
      };
    }
    this.log.mismatches.push(
      `Series ${seriesIdText(id)} is defined as a ${series.kind} and sent as a ${kind}`,
    );
    return { kind, waiting: undefined, cells: [], seconds: [] };
  }

  /** The merged cell of a metric or sub-metric: what thresholds are judged on. Undefined without data. */
  cell(selector: string): Cell | undefined {
    return this.#views.cell(selector);
  }

  /** The thresholds with a timeframe, judged up to here. */
  get windowed(): WindowedThresholds | undefined {
    return this.#options.windowed;
  }

  /** What the values of a metric or sub-metric are; undefined without data. */
  unit(selector: string): Unit | undefined {
    return this.#views.byName.get(selector.replace(/\{.*$/s, ""))?.unit;
  }

  /** Every metric with data, k6's `data.metrics`, sorted by name; counters' rates are over `durationMs`. */
  metrics(durationMs: number): Record<string, MetricSummary> {
    const entries: [string, MetricSummary][] = [];
    for (const [name, { cell, unit }] of [...this.#views.byName].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const values = valuesOf(cell, durationMs, this.#options.summaryTrendStats);
      if (HIDDEN_METRICS.has(name) || values === undefined) continue;
      entries.push([name, { type: cell.kind, contains: unit, values }]);
    }
    return Object.fromEntries(entries);
  }

  /** Requests by the error code they ended with; none where all were answered as the script expects. */
  requestErrors(): Record<string, number> {
    const counts = [...this.#views.byErrorCode].map(
      ([code, cell]) => [code, cell.kind === "counter" ? cell.value : 0] as const,
    );
    return Object.fromEntries(
      counts.filter(([, count]) => count > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  /** k6's `root_group`. */
  rootGroup(): GroupSummary {
    return this.#views.checks.summary();
  }

  /** What the merged counters say of each scenario: one side of the ledger. */
  scenarioCounts(): Record<string, ScenarioCounts> {
    const names = LEDGER_METRICS.flatMap((metric) => [...(this.#views.byScenario.get(metric)?.keys() ?? [])]);
    const scenarios = [...new Set(names)].toSorted();
    return Object.fromEntries(scenarios.map((scenario) => [scenario, this.#countsOf(scenario)]));
  }

  #countsOf(scenario: string): ScenarioCounts {
    const count = (metric: (typeof LEDGER_METRICS)[number]) => {
      const cell = this.#views.byScenario.get(metric)?.get(scenario);
      return cell?.kind === "counter" ? cell.value : 0;
    };
    return {
      started: count("iterations_started"),
      completed: count("iterations"),
      interrupted: count("iterations_interrupted"),
      dropped: count("dropped_iterations"),
    };
  }

  /** Samples by metric that were rejected (negative, not finite) or clamped to the layout's highest value. */
  faults(): Record<string, { readonly rejected: number; readonly saturated: number }> {
    const entries = [...this.#views.byName]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { cell }]) => {
        const saturated = cell.kind === "trend" ? cell.saturated : 0;
        return [name, { rejected: cell.rejected, saturated }] as const;
      });
    return Object.fromEntries(entries.filter(([, fault]) => fault.rejected + fault.saturated > 0));
  }

  /** By metric, the tags that had more values than are told apart. */
  folded(): Record<string, readonly string[]> {
    const entries = [...this.#views.folded].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([metric, tags]) => [metric, [...tags].toSorted()]));
  }

  /** Everything in the log that contradicts itself; empty in a sound run. */
  get mismatches(): readonly string[] {
    return [...this.log.mismatches, ...this.#views.mismatches, ...this.#undefinedSeries()];
  }

  #undefinedSeries(): string[] {
    const waiting = [...this.#feeds].filter(([, feed]) => feed.waiting !== undefined);
    return waiting.map(([id]) => `Series ${seriesIdText(id)} has no definition in the log`);
  }
}
