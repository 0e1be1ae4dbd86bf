/**
 * HDR histograms the naive way: buckets found by halving, the V2 encoding read count by count. Three significant digits,
 * lowest value 1: the first 2048 values have a bucket each, from there on each doubling has 1024.
 */
import { Bytes } from "./bytes.ts";

/** Samples by bucket. */
export type Buckets = Map<number, number>;

const HEADER_BYTES = 40;

export function bucketOf(value: number): number {
  let halvings = 0;
  let left = value;
  while (left >= 2048) {
    left = Math.floor(left / 2);
    halvings += 1;
  }
  return halvings * 1024 + left;
}

/** The highest value that lies in the same bucket. */
export function highestOf(bucket: number): number {
  if (bucket < 2048) return bucket;
  const halvings = Math.floor(bucket / 1024) - 1;
  const left = bucket - halvings * 1024;
  return (left + 1) * 2 ** halvings - 1;
}

export function decodeHistogram(bytes: Uint8Array): Buckets {
  const buckets: Buckets = new Map();
  if (bytes.length === 0) return buckets;
  const reader = new Bytes(bytes, HEADER_BYTES);
  let bucket = 0;
  while (reader.at < reader.end) {
    const word = Number(reader.signed());
    if (word < 0) bucket -= word;
    else {
      if (word > 0) buckets.set(bucket, word);
      bucket += 1;
    }
  }
  return buckets;
}

export function addBuckets(into: Buckets, more: Buckets): void {
  for (const [bucket, count] of more) into.set(bucket, (into.get(bucket) ?? 0) + count);
}

export function bucketsOf(values: readonly number[]): Buckets {
  const buckets: Buckets = new Map();
  for (const value of values) addBuckets(buckets, new Map([[bucketOf(value), 1]]));
  return buckets;
}

/** The figure of a percentage by counting sorted samples: the highest value of the bucket, never beyond the extremes. */
export function percentileOf(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * 1e6 * sorted.length) / 1e8 - 1e-9));
  const value = highestOf(bucketOf(sorted[rank - 1] ?? 0));
  return Math.min(sorted.at(-1) ?? 0, Math.max(sorted[0] ?? 0, value));
}
