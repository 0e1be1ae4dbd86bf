/**
 * The rank of a quantile, exact for decimal percentages: 7 % of 100 samples is the 7th, although 0.07 × 100 is more
 * than 7 in floating point. The same rule holds in SQL.
 */
const DIGITS = 10;
const WHOLE = 100n * 10n ** BigInt(DIGITS);

/** max(1, ⌈percent × count / 100⌉); `percent` counts to ten decimal places. */
export function rankOf(percent: number, count: number): number {
  const scaled = BigInt(percent.toFixed(DIGITS).replace(".", ""));
  const product = scaled * BigInt(count);
  return Math.max(1, Number((product + WHOLE - 1n) / WHOLE));
}
