/** What bounds a merge in memory, at root and in zones: whoever is below sends what it likes. */

/** Windows may begin so much later than now: far more than clocks differ that were measured. */
export const AHEAD_MS = 60_000;
