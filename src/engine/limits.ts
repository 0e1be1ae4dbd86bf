/** Every bound of the engine, in one place. */

/** A worker that runs and sends no frame for so long is killed. */
export const UNRESPONSIVE_MS = 10_000;
/** A worker must answer `stop` and `flush` in this time. */
export const ANSWER_MS = 5_000;
/** Compiling a bundle and running module scope of all VUs of one worker. */
export const INIT_MS = 120_000;
/** Added to a stage's own timeout before a worker with a blocked event loop is killed. */
export const STAGE_GRACE_MS = 1_000;
/** Last lines of output kept to explain the loss of a worker. */
export const LAST_LINES = 20;
/** Lines of script output passed on per worker and second; further ones are counted. */
export const LINES_PER_SECOND = 50;
/** Failed iterations logged per worker and second; further ones are counted. */
export const FAILURES_PER_SECOND = 5;
/** A VU that never waits gives way to timers and sockets after this. */
export const TURN_US = 5_000;
/** Half of the young part of a worker's heap. V8's own choice grows to 80 MB in all, 40 KB for each of 2,000 VUs. */
export const YOUNG_HALF_MB = 8;
