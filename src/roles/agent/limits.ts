/** Every bound of an agent, in one place. */

/** Looks this often for the node above while it is not there yet. */
export const LOOK_EVERY = "50 millis";
export const BEAT_EVERY = "500 millis";
export const TICK_EVERY = "25 millis";
/** An agent that stood still for this long was given up by its zone and must join again. */
export const STALL_MS = 2000;
/** Asks again to join after this long without an answer. */
export const HELLO_EVERY_MS = 2000;
/** An interval that the zone's log does not cover after this long is sent again. */
export const RESEND_AFTER_MS = 3000;
/** A script may keep this much of setup's value, or of handleSummary's output, as JSON. */
export const STAGE_VALUE_BYTES = 524_288;
/** Stopping an agent waits this long for its workers and its goodbye. */
export const LEAVE_WITHIN = "2 seconds";
