/**
 * Trend: a distribution of whole numbers. Merge law: counts per bucket, count, sum, rejected and saturated add,
 * min and max by comparison; empty is identity. Recording allocates nothing but a page on its first touch.
 * Body: count, sum, min, max, rejected, saturated (varints), then the length and bytes of the HDR V2 encoding; the
 * length is 0 when count is 0.
 */
import { type ByteReader, MalformedFrame } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { ExactSum } from "./exact-sum.ts";
import { checkHistogram, encodeHistogram, foldHistogram } from "./histogram-codec.ts";
import { Histogram } from "./histogram.ts";
import type { KindDefinition, Method } from "./kind.ts";
import { bucketOf, HIGHEST_TRACKABLE, highestOf } from "./layout.ts";
import { rankOf } from "./rank.ts";
import { TREND_SCALE } from "./wire-number.ts";

const COUNT = 0;
const MIN = 1;
const MAX = 2;
const REJECTED = 3;
const SATURATED = 4;
/** A bucket's count is written twice as large. Nobody has measured more: it is rejected, or the buckets would not sum up. */
const COUNT_MAX = 2 ** 52 - 1;

export class Trend {
  readonly kind = "trend";
  readonly histogram = new Histogram();
  readonly sum = new ExactSum();
  // One typed array instead of fields: stores of doubles must not allocate.
  readonly #state = new Float64Array(5);

  /** Adds one sample: `value × scale` is its wire number. Negative and non-finite values are rejected. */
  record(value: number, scale: number): void {
    const state = this.#state;
    if (!(value >= 0 && value < Infinity)) {
      state[REJECTED] = (state[REJECTED] as number) + 1;
      return;
    }
    let wire = Math.round(value * scale);
    if (wire > HIGHEST_TRACKABLE) {
      state[SATURATED] = (state[SATURATED] as number) + 1;
      wire = HIGHEST_TRACKABLE;
    }
    this.histogram.add(bucketOf(wire), 1);
    this.sum.add(wire);
    this.#widen(1, wire, wire);
  }

  #widen(count: number, min: number, max: number): void {
    const state = this.#state;
    const before = state[COUNT] as number;
    if (before === 0 || min < (state[MIN] as number)) state[MIN] = min;
    if (before === 0 || max > (state[MAX] as number)) state[MAX] = max;
    state[COUNT] = before + count;
  }

  get count(): number {
    return this.#state[COUNT] as number;
  }

  /** Smallest wire number; 0 when empty. */
  get min(): number {
    return this.#state[MIN] as number;
  }

  /** Largest wire number; 0 when empty. */
  get max(): number {
    return this.#state[MAX] as number;
  }

  get rejected(): number {
    return this.#state[REJECTED] as number;
  }

  /** Samples beyond the layout, counted at its highest value. */
  get saturated(): number {
    return this.#state[SATURATED] as number;
  }

  /**
   * The `percent` quantile as a wire number: highest equivalent value of the bucket with rank
   * max(1, ⌈percent × count / 100⌉), clamped to [min, max]; undefined when empty.
   */
  quantile(percent: number): number | undefined {
    if (this.count === 0) return undefined;
    const bucket = this.histogram.bucketAtRank(rankOf(percent, this.count));
    const value = bucket === undefined ? this.max : highestOf(bucket);
    return Math.max(this.min, Math.min(value, this.max));
  }

  fold(reader: ByteReader): void {
    const count = reader.uvarint();
    this.sum.foldUnsigned(reader);
    const min = reader.uvarint();
    const max = reader.uvarint();
    this.#fault(reader.uvarint(), reader.uvarint());
    const size = reader.uvarint();
    const start = reader.skip(size);
    if (count === 0) return;
    if (this.count + count > COUNT_MAX) return this.#fault(count, 0);
    this.#widen(count, min, max);
    foldHistogram(this.histogram, reader.bytes, start, start + size);
  }

  #fault(rejected: number, saturated: number): void {
    const state = this.#state;
    state[REJECTED] = (state[REJECTED] as number) + rejected;
    state[SATURATED] = (state[SATURATED] as number) + saturated;
  }

  merge(other: Trend): void {
    this.#fault(other.rejected, other.saturated);
    if (other.count === 0) return;
    if (this.count + other.count > COUNT_MAX) return this.#fault(other.count, 0);
    this.sum.merge(other.sum);
    this.#widen(other.count, other.min, other.max);
    this.histogram.merge(other.histogram);
  }

  encode(writer: ByteWriter): void {
    writer.uvarint(this.count);
    this.sum.encodeUnsigned(writer);
    for (const number of [this.min, this.max, this.rejected, this.saturated]) writer.uvarint(number);
    if (this.count === 0) writer.uvarint(0);
    else writer.section(() => encodeHistogram(this.histogram, writer));
  }

  reset(): void {
    if (this.count > 0) this.histogram.reset();
    this.sum.reset();
    this.#state.fill(0);
  }
}

export const trendKind: KindDefinition<Trend> = {
  code: 4,
  make: () => new Trend(),
  check: checkTrend,
  takes: {
    what: "a trend takes finite numbers that are not negative",
    fits: (value) => value >= 0 && value < Infinity,
  },
  methods: ["avg", "min", "max", "med", "p(N)"],
  observe,
  figures: (trend, _, stats) => {
    if (trend.count === 0) return undefined;
    const entries = stats.map((stat) => [stat, statOf(trend, stat)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
  },
};

function observe(method: Method, trend: Trend): number | undefined {
  if (trend.count === 0) return undefined;
  const wire = figureOf(method, trend);
  return wire === undefined ? undefined : wire / TREND_SCALE;
}

/** A figure of a trend as a wire number. */
function figureOf(method: Method, trend: Trend): number | undefined {
  if (method.name === "p") return trend.quantile(method.percent);
  if (method.name === "med") return trend.quantile(50);
  if (method.name === "avg") return trend.sum.number / trend.count;
  if (method.name === "min") return trend.min;
  return method.name === "max" ? trend.max : undefined;
}

const PERCENTILE = /^p\((\d+(?:\.\d+)?)\)$/;

/** One of avg, min, med, max, count, p(N); undefined for any other name. */
function statOf(trend: Trend, stat: string): number | undefined {
  if (stat === "count") return trend.count;
  const percent = PERCENTILE.exec(stat)?.[1];
  if (percent !== undefined) return observe({ name: "p", percent: Number(percent) }, trend);
  const name = (["avg", "min", "med", "max"] as const).find((known) => known === stat);
  return name === undefined ? undefined : observe({ name }, trend);
}

/** The counts must agree with the histogram. */
function checkTrend(reader: ByteReader): void {
  const count = reader.uvarint();
  reader.uvarintBig();
  const min = reader.uvarint();
  const max = reader.uvarint();
  reader.uvarint();
  reader.uvarint();
  const size = reader.uvarint();
  const start = reader.skip(size);
  if (count === 0 && size === 0) return;
  const shape = checkHistogram(reader.bytes, start, start + size);
  const agrees =
    shape.count === count &&
    max <= HIGHEST_TRACKABLE &&
    bucketOf(min) === shape.firstBucket &&
    bucketOf(max) === shape.lastBucket;
  if (!agrees) throw new MalformedFrame("a trend's count, min or max disagrees with its histogram");
}
