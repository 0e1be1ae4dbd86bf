/** Every bound of a door, in one place. */

/** A request that nobody has taken up after this long has failed: no mesh is there. */
export const ANSWER_WITHIN_MS = 10_000;
/** Taking back what was stored for it gets this long. */
export const FORGET_WITHIN = "2 seconds";
export const TRY_EVERY = "50 millis";
/** A root says twice a second that it leads; a word older than this may be that of one that has ended. */
export const PULSE_FRESH_MS = 1500;
/** A run that is being stopped is waited for until its graceful stops are over, and this long; it goes on without us. */
export const ENDED_WITHIN_MS = 15_000;
/** After a verdict, intervals that are in the log already get this long to come. */
export const INTERVALS_WITHIN_MS = 2000;
/** A slow link: how long the upload of a data file may take follows from its size. */
export const UPLOAD_BYTES_PER_MS = 250;
