/**
 * The hot end of the metrics: a worker's VUs record samples here, and each window leaves as one interval frame.
 * Relies on the cells of domain/metric, which hold typed arrays: `add` allocates nothing (but a histogram page on
 * its first touch). Knows no clock but the one it is given, and sends nothing.
 */
import { definitionsOf } from "../domain/interval/definitions.ts";
import type { IntervalHead, IntervalSeries } from "../domain/interval/frame.ts";
import { encodeInterval } from "../domain/interval/codec.ts";
import type { HealthSample } from "../domain/interval/health.ts";
import { byId } from "../domain/interval/series-section.ts";
import type { Redaction } from "../domain/redaction.ts";
import { builtin } from "../domain/metric/builtin.ts";
import { type Cell, makeCell } from "../domain/metric/cell.ts";
import {
  type MetricDefinition,
  otherTags,
  widestTag,
  type SeriesDefinition,
  SERIES_PER_METRIC_MAX,
  type Tags,
} from "../domain/metric/definition.ts";
import { canonicalSeries, idOfCanonical, type SeriesId } from "../domain/metric/series.ts";
import { recordScale } from "../domain/metric/wire-number.ts";

/** Names a series to `add`. Callers keep it: finding it costs a hash. */
export type Handle = number;

export interface RecorderOptions {
  /** µs since the start of the run, for gauges; by default since the recorder was made. */
  readonly elapsedUs?: () => number;
  readonly seriesPerMetricMax?: number;
  /** Of what tags say. */
  readonly redaction?: Redaction;
}

/** Counts by metric how often a series past the limit was asked for. */
const FOLDED = builtin("series_folded");

interface Slot {
  readonly id: SeriesId;
  readonly cell: Cell;
  readonly scale: number;
  readonly definition: SeriesDefinition;
  isNew: boolean;
  touched: boolean;
}

export class Recorder {
  readonly #source: string;
  readonly #baseTags: Tags;
  readonly #elapsedUs: () => number;
  readonly #seriesMax: number;
  readonly #redaction: Redaction | undefined;
  readonly #slots: Slot[] = [];
  readonly #handles = new Map<string, Handle>();
  readonly #seriesOf = new Map<string, number>();
  readonly #reports = new Map<string, Handle>();
  #number = 0;

  /** `source` is `<agent>.<incarnation>/w<k>`; `baseTags` are on every series. */
  constructor(source: string, baseTags: Tags, options: RecorderOptions = {}) {
    const madeAtMs = performance.now();
    this.#source = source;
    this.#baseTags = baseTags;
    this.#elapsedUs = options.elapsedUs ?? (() => (performance.now() - madeAtMs) * 1000);
    this.#seriesMax = options.seriesPerMetricMax ?? SERIES_PER_METRIC_MAX;
    this.#redaction = options.redaction;
  }

  /**
   * The handle of a series. Past the limit of a metric it is that of the folded series (tag values `__other__`), and
   * `series_folded` counts the call. A counter counts from 0 once it has a handle, so a declared counter has data.
   */
  series(metric: MetricDefinition, tags: Tags): Handle {
    const definition = this.#define(metric, tags);
    const canonical = canonicalSeries(definition);
    const known = this.#handles.get(canonical);
    if (known !== undefined) return known;
    const count = this.#seriesOf.get(metric.name) ?? 0;
    if (count >= this.#seriesMax) return this.#folded(metric, definition.tags);
    this.#seriesOf.set(metric.name, count + 1);
    return this.#open(definition, canonical);
  }

  #define({ kind, name, unit }: MetricDefinition, tags: Tags): SeriesDefinition {
    const shown = this.#redaction?.all(tags) ?? tags;
    return { metric: name, kind, unit, tags: { ...this.#baseTags, ...shown } };
  }

  #folded(metric: MetricDefinition, tags: Tags): Handle {
    const definition = this.#define(metric, otherTags(tags, this.#baseTags));
    const canonical = canonicalSeries(definition);
    if (metric.name !== FOLDED.name) this.add(this.#report(metric.name), 1);
    return this.#handles.get(canonical) ?? this.#open(definition, canonical);
  }

  /** The series that says of which metric tag values were folded, and by which tag there were the most. */
  #report(metric: string): Handle {
    const known = this.#reports.get(metric);
    if (known !== undefined) return known;
    const ofMetric = this.#slots.map(({ definition }) => definition).filter((each) => each.metric === metric);
    const handle = this.series(FOLDED, { metric, tag: widestTag(ofMetric) });
    this.#reports.set(metric, handle);
    return handle;
  }

  #open(definition: SeriesDefinition, canonical: string): Handle {
    const { kind, unit } = definition;
    this.#slots.push({
      id: idOfCanonical(canonical),
      cell: makeCell(kind),
      scale: recordScale(kind, unit),
      definition,
      isNew: true,
      touched: kind === "counter",
    });
    const handle = this.#slots.length - 1;
    this.#handles.set(canonical, handle);
    return handle;
  }

  /**
   * Records one sample. A time trend takes µs; everything else takes the value as the script gave it (a rate: 0 is
   * false). What is not a number, or negative in a trend, is counted as rejected.
   */
  add(handle: Handle, value: number): void {
    const slot = this.#slots[handle] as Slot;
    slot.touched = true;
    const { cell } = slot;
    if (cell.kind === "trend") cell.record(value, slot.scale);
    else if (cell.kind === "gauge") cell.record(value, this.#elapsedUs(), this.#source);
    else cell.record(value);
  }

  /** Frames made so far: what the worker says when it ends. */
  get intervals(): number {
    return this.#number;
  }

  /** Encodes what was recorded since the last close as the next interval, and begins anew. */
  close(
    window: number,
    options: { readonly final: boolean; readonly health: readonly HealthSample[] },
  ): Uint8Array {
    const touched = this.#slots.filter((slot) => slot.touched);
    const definitions = touched.filter((slot) => slot.isNew).map((slot) => slot.definition);
    const bytes = encodeInterval(this.#head(window, options), definitionsOf(definitions), seriesOf(touched));
    for (const slot of touched) {
      slot.isNew = false;
      slot.touched = false;
      slot.cell.reset();
    }
    this.#number += 1;
    return bytes;
  }

  #head(window: number, options: Pick<IntervalHead, "final" | "health">): IntervalHead {
    const { final, health } = options;
    const self = { source: this.#source, number: this.#number, expected: 1, present: 1 };
    return { ...self, window, final, adds: [], through: [], health };
  }
}

function seriesOf(slots: readonly Slot[]): readonly IntervalSeries[] {
  return slots.map(({ cell, id }) => ({ id, cell })).toSorted(byId);
}
