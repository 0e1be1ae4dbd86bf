/**
 * The one HDR bucket layout: lowest discernible value 1, 3 significant digits, highest 2^47 - 1. Every trend of
 * every node has it, so histograms merge index by index. Pure arithmetic on whole numbers.
 *
 * Why 2^47 - 1: in µs it is 4.4 years, in thousandths 1.4 × 10^11 (a 140 GB body), and it is in the range where
 * the library's floating-point log2 classifies every 2^k - 1 right (it fails from k = 49), so that ours and
 * hdr-histogram-js agree on every value. Pages are allocated on first touch, so the range costs nothing.
 */
export const SIGNIFICANT_DIGITS = 3;
export const LOWEST_DISCERNIBLE = 1;
export const HIGHEST_TRACKABLE = 2 ** 47 - 1;

/** Linear sub-buckets of the first bucket; each further bucket adds the upper half, twice as wide. */
const SUB_BUCKETS = 2048;
const HALF = SUB_BUCKETS / 2;

/** Number of buckets (counts) in the layout. */
export const BUCKETS = 38 * HALF;

/** Index of the bucket of a whole number from 0 to `HIGHEST_TRACKABLE`. */
export function bucketOf(value: number): number {
  if (value < SUB_BUCKETS) return value;
  if (value < 2 ** 31) {
    const shift = 21 - Math.clz32(value);
    return shift * HALF + (value >>> shift);
  }
  // Beyond 32 bits: the upper 27 bits decide both the bucket and the place in it.
  const upper = Math.floor(value / 2 ** 20);
  const shift = 21 - Math.clz32(upper);
  return (shift + 20) * HALF + (upper >>> shift);
}

function shiftOf(bucket: number): number {
  return Math.max(0, (bucket >>> 10) - 1);
}

/** Smallest value of a bucket. */
export function lowestOf(bucket: number): number {
  const shift = shiftOf(bucket);
  return (bucket - shift * HALF) * 2 ** shift;
}

/** Largest value of a bucket: what a quantile reports. */
export function highestOf(bucket: number): number {
  const shift = shiftOf(bucket);
  return (bucket - shift * HALF + 1) * 2 ** shift - 1;
}
