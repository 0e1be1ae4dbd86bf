/**
 * Identifiers as they stand in subjects, headers and bodies. Each is one NATS token: letters, digits, `_` and `-`.
 */
import * as Schema from "effect/Schema";

/** What every token in a subject must look like (NATS ADR-6, restricted term). */
export const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

const token = Schema.String.check(Schema.isPattern(TOKEN));

/** A run: chosen by the door, `<time in base 36>-<random>`, sorts by start. */
export const RunId = token;
/** A zone: unique in the mesh; its parent is data, not part of the name. */
export const ZoneName = token;
/** An agent: unique in its zone. */
export const AgentName = token;
/** SHA-256 in lower-case hex. */
export const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/));

/** A non-negative whole number. */
export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
/** Whole milliseconds, never negative. */
export const Millis = Count;
/** An instant: whole microseconds since the Unix epoch. */
export const Instant = Count;
