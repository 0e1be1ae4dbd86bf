/** Barriers and once-values. One subject per participant; the first message on a subject stays. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";

export const sync = {
  Arrival: define("Arrival", "agent", "A participant has arrived at a barrier.", {
    participant: Schema.String,
    incarnation: Schema.Int,
  }),
  Release: define("Release", "zone", "Everybody has arrived: the barrier is open, for late readers too.", {
    /** What the barrier hands out; the ready barrier hands out the start. */
    value: Schema.Unknown,
  }),
  Once: define("Once", "zone", "A once-value, or the error of the one who should have made it.", {
    value: Schema.optionalKey(Schema.Unknown),
    error: Schema.optionalKey(Schema.String),
  }),
} as const;

export type SyncMessage = BodyOf<typeof sync>;
