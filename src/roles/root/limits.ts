/** Every bound of a root, in one place. Milliseconds unless the name says otherwise. */

/** Zones named in a plan must be heard within this time. */
export const ZONES_WITHIN_MS = 10_000;
/** From the assignment to "every zone is ready": agents joining, fetching, initialising VUs. */
export const READY_WITHIN_MS = 120_000;
/** A setup has its own timeout at the worker; this much longer, and the agent does not answer at all. */
export const SETUP_SLACK_MS = 5000;
/** Intervals that zones stated must arrive within this time after the load; then the numbers are not whole. */
export const COVERED_WITHIN_MS = 10_000;
/** A zone that was not heard for this long is written down as silent. */
export const SILENT_AFTER_MS = 10_000;
/** How far ahead the start is announced, µs: every agent must have heard of it before. */
export const START_LEAD_US = 300_000;
/** After a verdict without all data, what is missing is waited for this long; then the run is closed. */
export const LATE_WITHIN_US = 600_000_000;
/** Late data that are still coming in make one revision, not one each: it is made when nothing came for this long. */
export const LATE_QUIET_MS = 1000;
export const PULSE_EVERY = "500 millis";
export const TICK_EVERY = "50 millis";
/** Inputs that may wait for root at once; then their sources wait. */
export const MAILBOX = 10_000;
/** A command to a node is void after this long. */
export const COMMAND_EXPIRES_US = 600_000_000;
