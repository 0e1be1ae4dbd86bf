/**
 * An oracle: quantiles of raw samples by sorting them, and the bucket a value falls into by counting its digits. It
 * imports nothing of Mesh, so that the two can only agree by being right.
 */

/** The sample of rank max(1, ⌈percent × n / 100⌉), counted from 1, of samples in ascending order. */
export function sampleAt(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] as number;
}

/**
 * The largest value that shares a bucket with `value`, when three significant decimal digits are kept: whole numbers up
 * to 2047 are told apart, and from there on as many as keep 11 binary digits.
 */
export function highestInBucket(value: number): number {
  const digits = value.toString(2).length;
  const width = 2 ** Math.max(0, digits - 11);
  return Math.floor(value / width) * width + width - 1;
}

/** What a report must show for a quantile: the bucket's end, but never more than the largest sample. */
export const reportedAt = (sorted: readonly number[], percent: number): number =>
  Math.min(highestInBucket(sampleAt(sorted, percent)), sorted.at(-1) as number);
