/**
 * The name a person probably meant: the known name at the smallest edit distance, if that is small enough to be a slip.
 */

/** The known name nearest to `name`, or undefined where none is near. Letter case does not count. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: slips(name, candidate) }));
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (best, next) => (best === undefined || next.distance < best.distance ? next : best),
    undefined,
  );
  if (best === undefined || best.distance > Math.max(1, Math.floor(name.length / 3))) return undefined;
  return best.candidate;
}

/** Letters wrong, missing, too many or swapped with their neighbour. Names longer than any we know are cut. */
function slips(written: string, candidate: string): number {
  const [a, b] = [Array.from(written.slice(0, 64).toLowerCase()), Array.from(candidate.toLowerCase())];
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of a.entries()) {
    const next = [line + 1];
    for (const [column, other] of b.entries()) {
      const replaced = row[column]! + (letter === other ? 0 : 1);
      const isSwap = column > 0 && letter === b[column - 1] && other === a[line - 1];
      const swapped = isSwap ? before[column - 1]! + 1 : Infinity;
      next.push(Math.min(replaced, row[column + 1]! + 1, next[column]! + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
