/** Last words: who is alive, what the parent has covered. Never kept longer than seconds, never replayed. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { AgentName, Count, RunId, ZoneName } from "../schema/ids.ts";

/** Coverage of one source: `[from, to]` ranges, inclusive. */
export const Ranges = Schema.Array(Schema.Tuple([Count, Count]));

const liveAgent = Schema.Struct({
  agent: AgentName,
  incarnation: Count,
  cores: Count,
  host: Schema.String,
  /** It has a part of a run. */
  busy: Schema.optionalKey(Schema.Boolean),
});

/** Agents with so many cores each, where there are too many to tell of each: how many are idle, and how many are not. */
const countedAgents = Schema.Struct({ cores: Count, idle: Count, busy: Count });

/** A zone somewhere below the one that tells of it. */
const zoneBelow = Schema.Struct({
  zone: ZoneName,
  parent: ZoneName,
  incarnation: Count,
  protocol: Count,
  program: Schema.String,
  host: Schema.String,
  pid: Count,
  runs: Schema.Array(RunId),
  agents: Schema.Array(liveAgent),
  /** Those that are not among the agents. */
  counted: Schema.optionalKey(Schema.Array(countedAgents)),
  /** How long ago it was heard, ms. */
  silentMs: Count,
});

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
    agents: Schema.Array(liveAgent),
    /** Zones only: those that are not among the agents. */
    counted: Schema.optionalKey(Schema.Array(countedAgents)),
    /** Zones only: the zone above; absent where that is root. */
    parent: Schema.optionalKey(ZoneName),
    /** Zones only: the zones below it, each before those below itself; all of them where that fits into a message. */
    below: Schema.optionalKey(Schema.Array(zoneBelow)),
  }),
  Pulse: define("Pulse", "root", "The node above is alive, twice a second.", {
    node: Schema.String,
    incarnation: Count,
    /** Milliseconds since the node itself heard from above; 0 at root. */
    silentMs: Count,
    /** Zones only: the names of the zones above it, the nearest first. */
    above: Schema.optionalKey(Schema.Array(ZoneName)),
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
export type ZoneBelow = typeof zoneBelow.Type;
export type CountedAgents = typeof countedAgents.Type;
export type Beat = typeof live.Beat.schema.Type;
export type Pulse = typeof live.Pulse.schema.Type;
export type Through = typeof live.Through.schema.Type;
