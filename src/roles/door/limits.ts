/** Every bound of a door, in one place. */

/** A request that nobody has taken up after this long has failed: no mesh is there. */
export const ANSWER_WITHIN_MS = 10_000;
export const TRY_EVERY = "50 millis";
/** After an abort was asked for, the run must end within its graceful stops plus this; then the door gives up. */
export const LOOK_EVERY = "100 millis";
