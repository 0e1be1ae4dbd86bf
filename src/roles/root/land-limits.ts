/** Every bound of landing, in one place. */

/** Attempts of one leader at a run whose rows do not come out as the log has them; the next leader tries again. */
export const ATTEMPTS_MAX = 3;
/** Between two tries while ClickHouse does not answer: doubled each time, up to the last. */
export const AGAIN_AFTER_MS = 1000;
export const AGAIN_AFTER_MAX_MS = 60_000;
/** A root that has just begun may be asked for a run at once: what others left waits for so long, unless asked for now. */
export const LEFTOVERS_AFTER = "5 seconds";
/** Nothing lands while load runs, for the machine may be the same; but a mesh that is never idle lands all the same. */
export const QUIET_WITHIN_MS = 600_000;
export const LOOK_EVERY = "250 millis";
/** After a failure of the server landing starts over. */
export const LISTEN_AGAIN_AFTER = "5 seconds";
