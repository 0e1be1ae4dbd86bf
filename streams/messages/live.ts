/** Last words: who is alive, what the parent has covered. Never kept longer than seconds, never replayed. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { AgentName, Count, RunId } from "../schema/ids.ts";

/** Coverage of one source: `[from, to]` ranges, inclusive. */
export const Ranges = Schema.Array(Schema.Tuple([Count, Count]));

export const live = {
  Beat: define("Beat", "agent", "A node is alive, twice a second.", {
    node: Schema.String,
    session: Schema.String,
    incarnation: Count,
    protocol: Count,
    program: Schema.String,
    host: Schema.String,
    pid: Count,
    runs: Schema.Array(RunId),
    /** Agents only: false while it asks to join. */
    member: Schema.optionalKey(Schema.Boolean),
    /** Zones only: their live agents. */
    agents: Schema.Array(
      Schema.Struct({ agent: AgentName, incarnation: Count, cores: Count, host: Schema.String }),
    ),
  }),
  Pulse: define("Pulse", "root", "The node above is alive, twice a second.", {
    node: Schema.String,
    incarnation: Count,
    /** Milliseconds since the node itself heard from above; 0 at root. */
    silentMs: Count,
  }),
  Through: define("Through", "zone", "The parent's log covers these intervals of this source.", {
    run: RunId,
    source: Schema.String,
    ranges: Ranges,
    /** The parent's incarnation: a new one makes the child send again what is not covered. */
    incarnation: Count,
  }),
} as const;

export type Live = BodyOf<typeof live>;
export type Beat = typeof live.Beat.schema.Type;
export type Pulse = typeof live.Pulse.schema.Type;
export type Through = typeof live.Through.schema.Type;
