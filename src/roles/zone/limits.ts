/** Every bound of a zone, in one place. */

/** An agent that was not heard for this long is lost. Agents say something four times in it. */
export const AGENT_SILENT_MS = 2200;
/** Silence from above that is told; whoever is above says something ten times in it. */
export const ABOVE_SILENT_MS = 5000;
export const LOOK_ABOVE_EVERY = "1 second";
/** A tick that comes later than this means that the zone itself was stopped; silence during it proves nothing. */
export const OWN_STALL_MS = 1000;
/** How long a share waits for enough idle agents. */
export const AGENTS_WITHIN_MS = 10_000;
/** A session that is no member is told so at most once in this time. */
export const ANSWER_EVERY_MS = 2000;
/** A command to an agent to begin something is void after this long. */
export const COMMAND_EXPIRES_US = 600_000_000;
/** Measuring both clocks again takes at most this long; then the old measurement stays. */
export const CLOCK_WITHIN = "10 seconds";
/** After a failure of a server the coordinator starts over from its log. */
export const REOPEN_PAUSE = "500 millis";
export const BEAT_EVERY = "500 millis";
export const TICK_EVERY = "25 millis";
/** Agents are told what is covered at most this often; well before they would send it again. */
export const TELL_EVERY_MS = 1000;
/** Intervals that root does not cover are kept up to this size; older ones are only in the zone's stream then. */
export const UNCOVERED_BYTES = 67_108_864;
/** Intervals of its own log that a coordinator that takes over keeps until root says that it has them. */
export const KEPT_AT_RESTORE = 600;
export const MAILBOX = 20_000;
/** Messages that the forwarder sends before it waits for their acknowledgements. */
export const FORWARD_WINDOW = 256;
/** The forwarder gives up on one message after this long and starts again from what the hub has. */
export const FORWARD_PAUSE = "300 millis";
