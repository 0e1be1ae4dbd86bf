/**
 * What a parent may tell a child. Zones and agents understand the same words, so that one code path serves every
 * level of the tree. Each carries the leader's epoch; a lower one than was seen before is refused.
 */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { Cause, Stage } from "../schema/cause.ts";
import { Guard } from "../schema/guard.ts";
import { AgentName, Count, Instant, RunId, ZoneName } from "../schema/ids.ts";
import { Plan } from "../schema/plan.ts";
import { Share } from "../schema/share.ts";

export const nodeCommands = {
  Admit: define("Admit", "zone", "An agent is a member now, under this incarnation.", {
    session: Schema.String,
    incarnation: Count,
  }),
  Refuse: define("Refuse", "zone", "An agent may not join.", {
    session: Schema.String,
    reason: Schema.String,
  }),
  Rejoin: define(
    "Rejoin",
    "zone",
    "This session is no member any more: let go of everything and join again.",
    {
      session: Schema.String,
    },
  ),
  AssignShare: define("AssignShare", "root", "Take this part of a run and get ready.", {
    run: RunId,
    plan: Plan,
    share: Share,
    /** For a zone: agents it needs. For an agent: 1. */
    agents: Count,
    /** For an agent: workers to start. For a zone: 0. */
    workers: Count,
    /** For an agent: the only incarnation of it that may take this part. */
    incarnation: Schema.optionalKey(Count),
    /** Who asked for the run. */
    actor: Schema.optionalKey(Schema.String),
    /** What the owners of the zones above allow, each with this node's part; absent: nobody said anything. */
    guards: Schema.optionalKey(Schema.Array(Guard)),
    /** Servers of the mesh, `host:port`, that scripts may not reach. */
    controlPlane: Schema.optionalKey(Schema.Array(Schema.String)),
  }),
  RunStage: define("RunStage", "root", "Let this one agent run setup, teardown or handleSummary.", {
    run: RunId,
    stage: Stage,
    agent: AgentName,
    incarnation: Count,
    /** Its zone, where that lies below the one that is told. */
    zone: Schema.optionalKey(ZoneName),
    /** handleSummary's data; for a teardown the value of its setup; for a scenario's setup that of the run's. */
    input: Schema.optionalKey(Schema.Unknown),
  }),
  StartRun: define("StartRun", "root", "Start at this instant; setup's value is here for everybody.", {
    run: RunId,
    /** By the clock of the server that this is said at. */
    startAt: Instant,
    /** The same by the hub's clock, where that is another. */
    hubStartAt: Schema.optionalKey(Instant),
    setup: Schema.optionalKey(Schema.Unknown),
    /** What scenarios' own setups returned, by scenario, null for nothing; only where a scenario has one. */
    setups: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  }),
  StopRun: define("StopRun", "root", "Stop now: start nothing, interrupt what runs, state the totals.", {
    run: RunId,
    cause: Cause,
    /** For an agent: whom this asks. Where that one has no such part, it says at once that it did nothing. */
    incarnation: Schema.optionalKey(Count),
  }),
  ForgetRun: define("ForgetRun", "root", "The run has ended; let go of everything of it.", { run: RunId }),
} as const;

export type NodeCommand = BodyOf<typeof nodeCommands>;
