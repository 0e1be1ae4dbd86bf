/** Every bound of a zone, in one place. */

/** An agent that was not heard for this long is lost. Agents say something four times in it. */
export const AGENT_SILENT_MS = 2200;
/** A tick that comes later than this means that the zone itself was stopped; silence during it proves nothing. */
export const OWN_STALL_MS = 1000;
/** How long a share waits for enough idle agents. */
export const AGENTS_WITHIN_MS = 10_000;
/** Statements of agents wait this long for their intervals to arrive. */
export const COVERED_WITHIN_MS = 10_000;
/** Looks this often for the node above while it is not there yet. */
export const LOOK_EVERY = "50 millis";
export const BEAT_EVERY = "500 millis";
export const TICK_EVERY = "25 millis";
export const MAILBOX = 20_000;
/** Messages that the forwarder sends before it waits for their acknowledgements. */
export const FORWARD_WINDOW = 256;
/** The forwarder gives up on one message after this long and starts again from what the hub has. */
export const FORWARD_PAUSE = "300 millis";
