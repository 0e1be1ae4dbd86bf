/**
 * Our histogram against hdr-histogram-js, bucket by bucket and byte by byte: recording, encoding, folding from the wire
 * and quantiles.
 */
import { inflateSync } from "node:zlib";
import hdr, { type Histogram as HdrHistogram } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../../src/domain/metric/byte-reader.ts";
import { ByteWriter } from "../../src/domain/metric/byte-writer.ts";
import { encodeHistogram, foldHistogram } from "../../src/domain/metric/histogram-codec.ts";
import { Histogram } from "../../src/domain/metric/histogram.ts";
import { bucketOf, BUCKETS, HIGHEST_TRACKABLE, highestOf, lowestOf } from "../../src/domain/metric/layout.ts";
import { Trend } from "../../src/domain/metric/trend.ts";
import { between, heavyTailed, pick, type Random, randomFrom } from "./random.ts";

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const HEADER_SIZE = 40;

function reference(): HdrHistogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_TRACKABLE,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
  });
}

/** The library's uncompressed V2 encoding: it offers only the compressed one, so inflate that. */
function libraryBytes(histogram: HdrHistogram): Uint8Array {
  const compressed = Buffer.from(hdr.encodeIntoCompressedBase64(histogram), "base64");
  return inflateSync(compressed.subarray(8));
}

function encoded(histogram: Histogram): Uint8Array {
  const writer = new ByteWriter();
  encodeHistogram(histogram, writer);
  return writer.finish();
}

function counts(histogram: Histogram): number[] {
  return Array.from({ length: BUCKETS }, (_, bucket) => histogram.countAt(bucket));
}

function libraryCounts(histogram: HdrHistogram): number[] {
  const { _counts } = histogram as unknown as { _counts: Float64Array };
  return [..._counts];
}

/** The library's decoder of uncompressed bytes; its types declare it in a module that is not exported. */
const { decode } = hdr.JsHistogram as unknown as {
  decode(this: void, data: Uint8Array, bits: 64): HdrHistogram;
};

/** Values at every edge of the layout, where an error of one would show. */
function edges(): number[] {
  const powers = Array.from({ length: 48 }, (_, bit) => 2 ** bit);
  return powers
    .flatMap((power) => [power - 1, power, power + 1])
    .filter((value) => value <= HIGHEST_TRACKABLE);
}

function samples(random: Random): number[] {
  const length = pick(random, [1, 2, 10, 500, 3000]);
  const bits = pick(random, [4, 12, 20, 31, 33, 47]);
  return Array.from({ length }, () => heavyTailed(random, bits));
}

function recorded(values: readonly number[]): { ours: Histogram; theirs: HdrHistogram } {
  const ours = new Histogram();
  const theirs = reference();
  for (const value of values) {
    ours.add(bucketOf(value), 1);
    theirs.recordValue(value);
  }
  return { ours, theirs };
}

describe("histogram layout", () => {
  it("puts every edge value where hdr-histogram-js puts it", () => {
    const theirs = reference() as HdrHistogram & { countsArrayIndex(value: number): number };
    for (const value of edges()) {
      const bucket = bucketOf(value);
      expect(bucket, `bucket of ${value}`).toBe(theirs.countsArrayIndex(value));
      expect(highestOf(bucket), `highest of ${value}`).toBe(
        (theirs as unknown as { highestEquivalentValue(value: number): number }).highestEquivalentValue(
          value,
        ),
      );
      expect(lowestOf(bucket)).toBeLessThanOrEqual(value);
    }
  });

  it("covers all values with no gap between buckets", () => {
    expect(lowestOf(0)).toBe(0);
    for (let bucket = 1; bucket < BUCKETS; bucket += 1)
      expect(lowestOf(bucket)).toBe(highestOf(bucket - 1) + 1);
    expect(highestOf(BUCKETS - 1)).toBe(HIGHEST_TRACKABLE);
  });
});

describe("histogram encoding", () => {
  it.each(SEEDS)("has the counts of hdr-histogram-js byte by byte (seed %i)", (seed) => {
    const { ours, theirs } = recorded(samples(randomFrom(seed)));
    expect(counts(ours)).toEqual(libraryCounts(theirs));
    const [own, library] = [encoded(ours), libraryBytes(theirs)];
    expect(Buffer.from(own.subarray(HEADER_SIZE))).toEqual(Buffer.from(library.subarray(HEADER_SIZE)));
    expect(Buffer.from(own.subarray(0, 8))).toEqual(Buffer.from(library.subarray(0, 8)));
  });

  it.each(SEEDS)("is read back by hdr-histogram-js (seed %i)", (seed) => {
    const { ours, theirs } = recorded(samples(randomFrom(seed)));
    expect(libraryCounts(decode(encoded(ours), 64))).toEqual(libraryCounts(theirs));
  });
});

describe("histogram merge from the wire", () => {
  it.each(SEEDS)("equals decode, add and encode of hdr-histogram-js (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const ours = new Histogram();
    const theirs = reference();
    for (let left = between(random, 1, 8); left > 0; left -= 1) {
      const bytes = encoded(recorded(samples(random)).ours);
      foldHistogram(ours, bytes, 0, bytes.length);
      theirs.add(decode(bytes, 64));
    }
    expect(counts(ours)).toEqual(libraryCounts(theirs));
    expect(Buffer.from(encoded(ours).subarray(HEADER_SIZE))).toEqual(
      Buffer.from(libraryBytes(theirs).subarray(HEADER_SIZE)),
    );
  });

  it.each(SEEDS)("is exact for counts far beyond 32 bits (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const source = new Histogram();
    const bucket = between(random, 0, BUCKETS - 1);
    const count = between(random, 1, 2 ** 50);
    source.add(bucket, count);
    const bytes = encoded(source);
    const merged = new Histogram();
    foldHistogram(merged, bytes, 0, bytes.length);
    foldHistogram(merged, bytes, 0, bytes.length);
    expect(merged.countAt(bucket)).toBe(2 * count);
  });
});

describe("trend", () => {
  it.each(SEEDS)("has quantiles whose rank is right and that lie in [min, max] (seed %i)", (seed) => {
    const values = samples(randomFrom(seed)).toSorted((a, b) => a - b);
    const trend = new Trend();
    for (const value of values) trend.record(value, 1);
    for (const percent of [0, 1, 7, 25, 50, 90, 95, 99, 99.9, 100]) {
      const rank = Math.max(1, Math.ceil((percent * values.length) / 100));
      const exact = values[rank - 1] as number;
      const expected = Math.min(highestOf(bucketOf(exact)), values.at(-1) as number);
      expect(trend.quantile(percent), `p(${percent}) of ${values.length}`).toBe(expected);
    }
  });

  it.each(SEEDS)("comes back from the wire unchanged (seed %i)", (seed) => {
    const trend = new Trend();
    for (const value of samples(randomFrom(seed))) trend.record(value, 1);
    const writer = new ByteWriter();
    trend.encode(writer);
    const copy = new Trend();
    copy.fold(new ByteReader(writer.finish()));
    expect([copy.count, copy.sum.total, copy.min, copy.max]).toEqual([
      trend.count,
      trend.sum.total,
      trend.min,
      trend.max,
    ]);
    expect(counts(copy.histogram)).toEqual(counts(trend.histogram));
  });
});
