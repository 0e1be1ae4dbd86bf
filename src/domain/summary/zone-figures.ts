/**
 * The main figures of each zone of a run, so that a slow one is visible beside the others: iterations, requests, the share
 * that failed, a p95. Reads the tag `zone` of series; a log of before that tag has none, and then there are no figures.
 */
import type { Cell } from "../metric/cell.ts";
import { Counter } from "../metric/counter.ts";
import { type SeriesDefinition, ZONE_TAG } from "../metric/definition.ts";
import { Rate } from "../metric/rate.ts";
import { Trend } from "../metric/trend.ts";
import { TREND_SCALE } from "../metric/wire-number.ts";

export interface ZoneSummary {
  readonly iterations: number;
  readonly requests: number;
  /** Share of the requests that failed; absent without requests. */
  readonly failed?: number;
  /** p95 of the requests in ms, or of the iterations in a run without requests; absent where there were none. */
  readonly p95Ms?: number;
}

const emptyCells = () => ({
  iterations: new Counter(),
  iteration_duration: new Trend(),
  http_reqs: new Counter(),
  http_req_failed: new Rate(),
  http_req_duration: new Trend(),
});
type Cells = ReturnType<typeof emptyCells>;

export class ZoneFigures {
  readonly #zones = new Map<string, Cells>();

  /** The cell of its zone that a series feeds, if its metric is shown by zone. */
  fedBy({ kind, metric, tags }: SeriesDefinition): Cell | undefined {
    const zone = tags[ZONE_TAG];
    if (zone === undefined) return undefined;
    const cells = this.#zones.get(zone) ?? emptyCells();
    this.#zones.set(zone, cells);
    const cell = Object.hasOwn(cells, metric) ? cells[metric as keyof Cells] : undefined;
    return cell?.kind === kind ? cell : undefined;
  }

  /** By zone, in this order, also those of which nothing came; nothing where only one ran, or no series says where. */
  summary(names: readonly string[]): { readonly zones?: Readonly<Record<string, ZoneSummary>> } {
    if (names.length < 2 || this.#zones.size === 0) return {};
    const all = names.map((name) => [name, this.#zones.get(name) ?? emptyCells()] as const);
    const hasRequests = all.some(([, cells]) => cells.http_reqs.value > 0);
    const timed = hasRequests ? "http_req_duration" : "iteration_duration";
    return { zones: Object.fromEntries(all.map(([name, cells]) => [name, figuresOf(cells, timed)])) };
  }
}

function figuresOf(cells: Cells, timed: "http_req_duration" | "iteration_duration"): ZoneSummary {
  const { http_req_failed: failed, http_reqs: requests, iterations } = cells;
  const p95 = cells[timed].quantile(95);
  return {
    iterations: iterations.value,
    requests: requests.value,
    ...(failed.total === 0 ? {} : { failed: failed.passes / failed.total }),
    ...(p95 === undefined ? {} : { p95Ms: p95 / TREND_SCALE }),
  };
}
