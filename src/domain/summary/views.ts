/**
 * What the summary and the thresholds look at: each view is one cell that collects the series of a metric, of a
 * sub-metric, of a scenario or of a check. A series' body is folded straight into every view it feeds.
 */
import { type Cell, makeCell, mergeCells } from "../metric/cell.ts";
import type { SeriesDefinition, Unit } from "../metric/definition.ts";
import { Gauge } from "../metric/gauge.ts";
import { parseMetricSelector, selects, type MetricSelector } from "../threshold/selector.ts";
import { CheckTree } from "./checks.ts";
import type { ZoneFigures } from "./zone-figures.ts";

/** k6 makes this sub-metric by itself. */
const SUCCESSFUL_REQUESTS = "http_req_duration{expected_response:true}";
/** What a generator dropped because it stood still for too long; there only when there was any. */
const LATE_DROPS = "dropped_iterations{reason:late}";

/** Counters that the ledger reads by scenario. */
export const LEDGER_METRICS = [
  "iterations_started",
  "iterations",
  "iterations_interrupted",
  "dropped_iterations",
] as const;

export interface View {
  readonly unit: Unit;
  readonly cell: Cell;
}

export class Views {
  readonly checks = new CheckTree();
  /** By metric, and by sub-metric as the threshold spells it. */
  readonly byName = new Map<string, View>();
  /** Ledger counters by metric, then scenario. */
  readonly byScenario = new Map<string, Map<string, Cell>>();
  /** Requests without the answer that the script expects, by k6's error code. */
  readonly byErrorCode = new Map<string, Cell>();
  readonly mismatches: string[] = [];
  /** Tags with too many values, by metric: their further values are counted together. */
  readonly folded = new Map<string, Set<string>>();
  readonly #selectors = new Map<string, MetricSelector>();
  #newest = -1;

  readonly #zones: ZoneFigures | undefined;

  /** `selectors` are the sub-metrics that thresholds ask for; `zones` those figures that are wanted by zone. */
  constructor(selectors: readonly string[], zones?: ZoneFigures) {
    this.#zones = zones;
    for (const text of [SUCCESSFUL_REQUESTS, LATE_DROPS, ...selectors]) {
      const parsed = parseMetricSelector(text);
      const hasTags = parsed.ok && Object.keys(parsed.selector.tags).length > 0;
      if (hasTags) this.#selectors.set(text, parsed.selector);
    }
  }

  /** The cells that a series feeds. */
  fedBy(series: SeriesDefinition): Cell[] {
    const cells = this.#named(series);
    const { check, error_code: errorCode, group = "", scenario } = series.tags;
    if (series.metric === "checks" && check !== undefined) cells.push(this.checks.check(group, check));
    if (series.metric === "group_duration") this.checks.group(group);
    if (series.metric === "series_folded") this.#noteFolded(series.tags);
    const isWanted = series.tags["expected_response"] === "true";
    if (series.metric === "http_reqs" && errorCode !== undefined && !isWanted) {
      const cell = this.byErrorCode.get(errorCode) ?? makeCell("counter");
      this.byErrorCode.set(errorCode, cell);
      cells.push(cell);
    }
    if (scenario !== undefined && isLedgerMetric(series.metric)) cells.push(this.#scenario(series, scenario));
    const ofZone = this.#zones?.fedBy(series);
    if (ofZone !== undefined) cells.push(ofZone);
    return cells;
  }

  #named(series: SeriesDefinition): Cell[] {
    return this.namesOf(series)
      .map((name) => this.#view(name, series))
      .filter((cell) => cell !== undefined);
  }

  /** The metric and the sub-metrics that a series is part of. */
  namesOf(series: SeriesDefinition): readonly string[] {
    const parts = [...this.#selectors].filter(([, selector]) => selects(selector, series));
    return [series.metric, ...parts.map(([text]) => text)];
  }

  #view(name: string, { kind, unit }: SeriesDefinition): Cell | undefined {
    const known = this.byName.get(name);
    if (known === undefined) {
      const cell = makeCell(kind);
      this.byName.set(name, { unit, cell });
      return cell;
    }
    if (known.cell.kind === kind) return known.cell;
    this.mismatches.push(`${name} is a ${known.cell.kind} in one series and a ${kind} in another`);
    return undefined;
  }

  #noteFolded({ metric = "", tag = "" }: SeriesDefinition["tags"]): void {
    this.folded.set(metric, (this.folded.get(metric) ?? new Set()).add(tag));
  }

  #scenario(series: SeriesDefinition, scenario: string): Cell {
    const scenarios = this.byScenario.get(series.metric) ?? new Map<string, Cell>();
    this.byScenario.set(series.metric, scenarios);
    const cell = scenarios.get(scenario) ?? makeCell(series.kind);
    scenarios.set(scenario, cell);
    return cell;
  }

  /**
   * Notes how many VUs there were in a window, from the counters that add up over all machines; and tells it, where the
   * window is no earlier than those before.
   */
  noteVus(window: number, tell: (name: string, level: number) => void): void {
    const count = (name: string) => {
      const cell = this.byName.get(name)?.cell;
      return cell?.kind === "counter" ? cell.value : 0;
    };
    if (!this.byName.has("vus_initialised")) return;
    const levels = {
      vus: count("vus_added") - count("vus_removed"),
      vus_max: count("vus_initialised"),
    };
    for (const [name, level] of Object.entries(levels)) {
      this.#gauge(name).record(level, window, "");
      if (window >= this.#newest) tell(name, level);
    }
    this.#newest = Math.max(this.#newest, window);
  }

  #gauge(name: string): Gauge {
    const known = this.byName.get(name)?.cell;
    if (known?.kind === "gauge") return known;
    const cell = new Gauge();
    this.byName.set(name, { unit: "default", cell });
    return cell;
  }

  /** The cell of a metric or sub-metric. The part of a counter that nothing fell into is 0, once the counter counts. */
  cell(name: string): Cell | undefined {
    const known = this.byName.get(name);
    if (known !== undefined) return known.cell;
    const selector = this.#selectors.get(name);
    const whole = selector === undefined ? undefined : this.byName.get(selector.metric);
    return whole?.cell.kind === "counter" ? makeCell("counter") : undefined;
  }
}

function isLedgerMetric(metric: string): boolean {
  return LEDGER_METRICS.some((name) => name === metric);
}

/** Merges a waiting cell into the views of its series. */
export function mergeIntoAll(cells: readonly Cell[], waiting: Cell): void {
  for (const cell of cells) mergeCells(cell, waiting);
}
