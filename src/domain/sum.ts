/** Sums of numbers that others state. Each is whole and exact; so is the sum, or it is the largest that is. Pure. */

export const sumOf = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const number of numbers) sum = Math.min(sum + number, Number.MAX_SAFE_INTEGER);
  return sum;
};
