/**
 * How long nodes wait for each other after a load, or a stage, is to be over. A zone gives up a zone below that does not come
 * to an end, and then waits for what the others have stated; only then may the node above give it up. So whoever is
 * named as lost is the one that was, however deep the tree is.
 */

/** What was stated to have been measured must arrive within this time. */
export const COVERED_WITHIN_MS = 10_000;
/** Between one level and the next: clocks differ, and words are under way. */
const APART_MS = 5000;
/** More than this a zone's word is not believed: it would hold up the run for as long as it likes. */
const LEVELS_MAX = 8;

/** Beyond what iterations or a stage may take: for a zone that has so many levels of zones below it. */
export const drainSlackMs = (levels: number): number =>
  (COVERED_WITHIN_MS + APART_MS) * (1 + Math.min(levels, LEVELS_MAX));

/** Levels of zones below one: as it told, and by its agents; where it has told nothing yet, as many as they can be in. */
export function levelsBelow(
  zone: string,
  told: number | undefined,
  members: readonly { readonly zone?: string | undefined }[],
): number {
  const inner = new Set(members.map((member) => member.zone ?? zone).filter((name) => name !== zone));
  return told === undefined ? inner.size : Math.max(told, Math.min(1, inner.size));
}
