/**
 * The main figures of single intervals of root's log, each by itself: what a time series of the run is drawn from. Reads
 * the intervals in the order of their log, because a series is defined only where it is first used; sums nothing up.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import type { Cell } from "../metric/cell.ts";
import { Counter } from "../metric/counter.ts";
import { Rate } from "../metric/rate.ts";
import { parseCanonical, type SeriesId } from "../metric/series.ts";
import { Trend } from "../metric/trend.ts";
import { TREND_SCALE } from "../metric/wire-number.ts";
import { collectDefinitions } from "../interval/definitions.ts";
import { type FrameHead, readFrameHead } from "../interval/head.ts";
import { readSeries } from "../interval/series-section.ts";

export interface IntervalFigures {
  readonly head: FrameHead;
  readonly iterations: number;
  readonly dropped: number;
  readonly requests: number;
  /** Share of requests that failed; undefined without requests. */
  readonly failed: number | undefined;
  /** A percentile of `http_req_duration` in ms; undefined without requests. */
  readonly percentileMs: (percent: number) => number | undefined;
}

const emptyCells = () => ({
  iterations: new Counter(),
  dropped_iterations: new Counter(),
  http_reqs: new Counter(),
  http_req_failed: new Rate(),
  http_req_duration: new Trend(),
});

export class IntervalReader {
  readonly #definitions = new Map<SeriesId, string>();
  readonly #metrics = new Map<SeriesId, string>();

  /** Throws `MalformedFrame`. */
  read(bytes: Uint8Array): IntervalFigures {
    const reader = new ByteReader(bytes);
    const head = readFrameHead(reader);
    reader.section();
    this.#learn(reader);
    const cells = emptyCells();
    const byName = new Map<string, Cell>(Object.entries(cells));
    readSeries(reader, (id, kind, body) => {
      const cell = byName.get(this.#metrics.get(id) ?? "");
      if (cell?.kind === kind) cell.fold(body);
    });
    const { http_req_duration: durations, http_req_failed: failed } = cells;
    return {
      head,
      iterations: cells.iterations.value,
      dropped: cells.dropped_iterations.value,
      requests: cells.http_reqs.value,
      failed: failed.total === 0 ? undefined : failed.passes / failed.total,
      percentileMs: (percent) => {
        const wire = durations.quantile(percent);
        return wire === undefined ? undefined : wire / TREND_SCALE;
      },
    };
  }

  #learn(reader: ByteReader): void {
    for (const [id, canonical] of collectDefinitions(reader, this.#definitions)) {
      this.#definitions.set(id, canonical);
      this.#metrics.set(id, parseCanonical(canonical)?.metric ?? "");
    }
  }
}
