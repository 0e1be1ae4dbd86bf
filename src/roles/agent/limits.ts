/** Every bound of an agent, in one place. */

export const BEAT_EVERY = "500 millis";
export const TICK_EVERY = "25 millis";
/** Asks again to join after this long without an answer. */
export const HELLO_EVERY_MS = 2000;
/** Stopping an agent waits this long for its workers and its goodbye. */
export const LEAVE_WITHIN = "2 seconds";
/** Inputs that may wait for the agent at once; then their sources wait, and a part that cannot wait fails. */
export const MAILBOX = 20_000;
/** Reports that may wait for the server. A part says a handful, so this is never reached by one. */
export const OUTBOX = 1000;
/** Intervals that the zone does not cover are kept up to this size; then the part fails. */
export const SPOOL_BYTES = 268_435_456;
/** Intervals that wait for the server's last answer go in one message: so many, up to this size. */
export const BATCH_FRAMES = 32;
export const BATCH_BYTES = 524_288;
/** Measuring the clock again before a part takes at most this long; then the old measurement stays. */
export const CLOCK_WITHIN = "10 seconds";
/** Listens again this soon when the server ended a subscription or a pull. */
export const LISTEN_AGAIN_EVERY = "250 millis";
/** Of what a worker wrote last, its loss tells so many lines of so many characters. */
export const LAST_LINES = 10;
export const LAST_LINE_LENGTH = 300;
