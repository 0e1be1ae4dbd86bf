/**
 * Bounds of a plan. Each is there because something downstream needs it, and each is far beyond a sensible run.
 */
/** VUs of one scenario: each worker holds the division of these among its siblings in memory. */
export const VUS_MAX = 1_000_000;

/** Iterations of one scenario: counters travel × 10⁶ in 64 bits, which ends at 9.2 × 10¹². */
export const ITERATIONS_MAX = 1_000_000_000_000;

/** Agents of a run. */
export const AGENTS_MAX = 100_000;

/** Shortest regular duration of a scenario, as in k6. */
export const DURATION_MIN_MS = 1000;

/** Data files of a script together: each agent fetches them, and each of its workers holds them. */
export const DATA_BYTES_MAX = 64 * 2 ** 20;

/** Weight of one zone; sums of them stay exact. */
export const WEIGHT_MAX = 1_000_000_000;

/** Stages of one scenario: a plan is one message, and each is looked up by halves. */
export const STAGES_MAX = 1000;
