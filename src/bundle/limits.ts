/** Every bound of bundling and inspecting scripts, in one place. */

/** Evaluating a script's options. */
export const INSPECT_MS = 10_000;
/** An example's own target must print its URL in this time. */
export const TARGET_START_MS = 5_000;
/** It must end in this time once its stdin is closed, else it is killed. */
export const TARGET_STOP_MS = 1_000;
