/**
 * From one interval of root's log to the rows of its series. Pure: the same log gives the same rows, whoever asks and
 * how often. Relies on the definitions of the whole log, for an interval may use a series that a later one defines.
 */
import type { Kind } from "../metric/definition.ts";
import { collectDefinitions } from "../interval/definitions.ts";
import { readFrameHead } from "../interval/head.ts";
import { readSeries } from "../interval/series-section.ts";
import { ByteReader } from "../metric/byte-reader.ts";
import { makeCell } from "../metric/cell.ts";
import { readReading } from "../metric/gauge.ts";
import { PAGE_SIZE } from "../metric/histogram.ts";
import { highestOf } from "../metric/layout.ts";
import { parseCanonical, type SeriesId, seriesIdText } from "../metric/series.ts";
import type { Trend } from "../metric/trend.ts";
import {
  type CounterRow,
  type GaugeRow,
  instantText,
  type MeasuredRows,
  type RateRow,
  type SeriesRow,
  type TrendRow,
} from "./rows.ts";

/** What the rows of a run have in common. */
export interface RunClock {
  readonly run: string;
  /** Hub time, µs. */
  readonly startAt: number;
  readonly windowMs: number;
  /** Of landing it. */
  readonly attempt: number;
}

type Named = Pick<SeriesRow, "metric" | "unit" | "scenario" | "tags" | "series">;

/** Every definition of a log, collected interval by interval. */
export class SeriesNames {
  readonly #canonical = new Map<SeriesId, string>();
  readonly #named = new Map<SeriesId, Named>();

  add(frame: Uint8Array): void {
    const reader = new ByteReader(frame);
    readFrameHead(reader);
    reader.section();
    for (const [id, canonical] of collectDefinitions(reader, this.#canonical))
      this.#canonical.set(id, canonical);
  }

  of(id: SeriesId): Named {
    const known = this.#named.get(id);
    if (known !== undefined) return known;
    const named = this.#read(id);
    this.#named.set(id, named);
    return named;
  }

  /** A series that nothing defines keeps its samples under the name of its id; its run is invalid anyway. */
  #read(id: SeriesId): Named {
    const definition = parseCanonical(this.#canonical.get(id) ?? "");
    const series = id.toString();
    if (definition === undefined) {
      return { metric: `undefined ${seriesIdText(id)}`, unit: "default", scenario: "", tags: {}, series };
    }
    const { metric, tags, unit } = definition;
    return { metric, unit, scenario: tags["scenario"] ?? "", tags, series };
  }
}

type Place = Omit<SeriesRow, "rejected">;

interface Collected extends MeasuredRows {
  readonly trends: TrendRow[];
  readonly counters: CounterRow[];
  readonly gauges: GaugeRow[];
  readonly rates: RateRow[];
}

/** The rows of one interval. Throws `MalformedFrame`. */
export function rowsOf(frame: Uint8Array, clock: RunClock, names: SeriesNames): MeasuredRows {
  const reader = new ByteReader(frame);
  const { number: interval, window } = readFrameHead(reader);
  reader.section();
  collectDefinitions(reader, new Map());
  const ts = instantText(clock.startAt + window * clock.windowMs * 1000);
  const rows: Collected = { trends: [], counters: [], gauges: [], rates: [] };
  readSeries(reader, (id, kind, body) => {
    addRow(
      rows,
      { run: clock.run, attempt: clock.attempt, interval, window, ts, ...names.of(id) },
      kind,
      body,
    );
  });
  return rows;
}

function addRow(rows: Collected, place: Place, kind: Kind, body: ByteReader): void {
  if (kind === "gauge") return void rows.gauges.push({ ...place, ...gaugeIn(body) });
  const cell = makeCell(kind);
  cell.fold(body);
  const { rejected } = cell;
  if (cell.kind === "trend") rows.trends.push({ ...place, rejected, ...trendOf(cell) });
  else if (cell.kind === "counter") rows.counters.push({ ...place, rejected, value: String(cell.sum.total) });
  else if (cell.kind === "rate")
    rows.rates.push({ ...place, rejected, passes: cell.passes, total: cell.total });
}

function trendOf(cell: Trend): Omit<TrendRow, keyof SeriesRow> {
  const { count, max, min, saturated } = cell;
  const v: number[] = [];
  const c: number[] = [];
  for (const [number, page] of cell.histogram.pages.entries()) {
    if (page === undefined) continue;
    for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
      const samples = page[offset] as number;
      if (samples === 0) continue;
      v.push(highestOf(number * PAGE_SIZE + offset));
      c.push(samples);
    }
  }
  return { count, sum: String(cell.sum.total), min, max, saturated, v, c };
}

/** The body itself, not a cell: a cell does not show the instant and the source that its merge goes by. */
function gaugeIn(body: ByteReader): Omit<GaugeRow, keyof Place> {
  const unset = { value: 0, min: 0, max: 0, atUs: 0, source: "" };
  const readings = body.byte() === 1 ? 1 : 0;
  const { atUs: at, max, min, source, value } = readings === 1 ? readReading(body) : unset;
  return { readings, value, min, max, at, source, rejected: body.uvarint() };
}
