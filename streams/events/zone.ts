/**
 * Events of the zone log: facts about the zone's agents and about its shares of runs. Written by the zone's live
 * coordinator alone; the forwarder carries every one of them to the parent.
 */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { accessRefusal } from "../schema/access.ts";
import { Cause, Failure, Origin, Stage } from "../schema/cause.ts";
import { AgentFinish, AgentLoss, Aside } from "../schema/finish.ts";
import { Guard } from "../schema/guard.ts";
import { AgentName, Count, Instant, RunId, ZoneName } from "../schema/ids.ts";
import { Member } from "../schema/member.ts";
import { Plan } from "../schema/plan.ts";
import { Share } from "../schema/share.ts";

const part = Schema.Struct({
  agent: AgentName,
  incarnation: Count,
  share: Share,
  workers: Count,
  host: Schema.String,
});

/** What a zone below has said first: the zone of the agent in question, and where the fact was first written. */
const fromBelow = { zone: Schema.optionalKey(ZoneName), origin: Schema.optionalKey(Origin) } as const;

export const zoneEvents = {
  ZoneStarted: define(
    "ZoneStarted",
    "zone",
    "A coordinator took over this zone; an older one is fenced off.",
    {
      zone: ZoneName,
      incarnation: Count,
      protocol: Count,
      program: Schema.String,
      /** The zone above; absent where that is root. */
      parent: Schema.optionalKey(ZoneName),
    },
  ),
  AgentJoined: define("AgentJoined", "zone", "An agent was admitted under a new incarnation.", {
    agent: AgentName,
    session: Schema.String,
    incarnation: Count,
    cores: Count,
    host: Schema.String,
    labels: Schema.Record(Schema.String, Schema.String),
  }),
  AgentRefused: define("AgentRefused", "zone", "An agent may not join, for this reason.", {
    agent: AgentName,
    session: Schema.String,
    reason: Schema.String,
  }),
  AgentLeft: define("AgentLeft", "zone", "An agent said goodbye.", { agent: AgentName, incarnation: Count }),
  ShareAssigned: define("ShareAssigned", "zone", "The parent gave this zone a share of a run.", {
    run: RunId,
    plan: Plan,
    share: Share,
    agents: Count,
    /** Who asked for the run. */
    actor: Schema.optionalKey(Schema.String),
    /** The limits that hold for the share: of this zone's owner, and of those above. */
    guards: Schema.optionalKey(Schema.Array(Guard)),
    /** Servers of the mesh that its scripts may not reach. */
    controlPlane: Schema.optionalKey(Schema.Array(Schema.String)),
  }),
  ShareDivided: define("ShareDivided", "zone", "The share was divided among these agents and zones below.", {
    run: RunId,
    parts: Schema.Array(part),
    /** Zones below, and of how many agents each is to make use. */
    zones: Schema.optionalKey(Schema.Array(Schema.Struct({ zone: ZoneName, share: Share, agents: Count }))),
  }),
  ShareRefused: define("ShareRefused", "zone", "The zone cannot take the share, for this reason.", {
    run: RunId,
    cause: Cause,
    ...fromBelow,
  }),
  AgentReady: define("AgentReady", "zone", "An agent's workers have initialised their VUs.", {
    run: RunId,
    agent: AgentName,
    incarnation: Count,
  }),
  AgentFailed: define("AgentFailed", "zone", "An agent cannot take or continue its part, for this reason.", {
    run: RunId,
    agent: AgentName,
    incarnation: Count,
    failure: Failure,
    ...fromBelow,
  }),
  ChildReady: define("ChildReady", "zone", "A zone below has announced its share as ready.", {
    run: RunId,
    zone: ZoneName,
    /** Names the zone's interval log. */
    incarnation: Count,
    members: Schema.Array(Member),
    origin: Origin,
  }),
  ShareReady: define(
    "ShareReady",
    "zone",
    "Every agent with a part has arrived at the ready barrier, and every zone below is ready.",
    {
      run: RunId,
      incarnation: Count,
      members: Schema.Array(Member),
    },
  ),
  ShareStarted: define("ShareStarted", "zone", "The ready barrier was released with the start instant.", {
    run: RunId,
    /** Hub time, and the same instant on this zone server's clock. */
    startAt: Instant,
    zoneStartAt: Instant,
    /** The same on the clock of the server above, where that is not the hub. */
    parentStartAt: Schema.optionalKey(Instant),
  }),
  StageReported: define("StageReported", "zone", "An agent ended setup, teardown or handleSummary.", {
    run: RunId,
    stage: Stage,
    agent: AgentName,
    incarnation: Count,
    value: Schema.optionalKey(Schema.Unknown),
    failure: Schema.optionalKey(Failure),
    /** Length of the zone's interval log after the stage. */
    intervals: Count,
    /** Intervals of the stage that the zone could not count. */
    aside: Schema.optionalKey(Aside),
    ...fromBelow,
  }),
  AbortRequested: define("AbortRequested", "zone", "A script called abort().", {
    run: RunId,
    agent: AgentName,
    cause: Cause,
    ...fromBelow,
  }),
  AgentLost: define(
    "AgentLost",
    "zone",
    "No heartbeat for too long, or the agent came back as another incarnation.",
    {
      run: Schema.optionalKey(RunId),
      loss: AgentLoss,
      /** Where a zone below has said so first; absent too where that zone itself was lost. */
      origin: Schema.optionalKey(Origin),
    },
  ),
  ChildLost: define(
    "ChildLost",
    "zone",
    "A zone below has been silent for too long; what it has not reported is not waited for.",
    {
      run: RunId,
      zone: ZoneName,
      reason: Schema.String,
    },
  ),
  ShareStopping: define("ShareStopping", "zone", "The zone's agents are being stopped, for this cause.", {
    run: RunId,
    cause: Cause,
  }),
  AgentFinished: define("AgentFinished", "zone", "An agent has ended its part and states its totals.", {
    run: RunId,
    finish: AgentFinish,
  }),
  ChildFinished: define("ChildFinished", "zone", "A zone below has finished its share.", {
    run: RunId,
    zone: ZoneName,
    agents: Schema.Array(AgentFinish),
    /** Length of its interval log for this run. */
    intervals: Count,
    /** Intervals that it could not count. */
    aside: Schema.optionalKey(Aside),
    /** Zones below it that it gave up, and that may still come back. */
    awaits: Schema.optionalKey(Schema.Array(ZoneName)),
    origin: Origin,
  }),
  ShareFinished: define(
    "ShareFinished",
    "zone",
    "Every part has finished or is lost, and all intervals are merged.",
    {
      run: RunId,
      incarnation: Count,
      agents: Schema.Array(AgentFinish),
      intervals: Count,
      /** Intervals of its agents that the zone could not count. */
      aside: Schema.optionalKey(Aside),
      /** Zones below that were given up, and that may still come back. */
      awaits: Schema.optionalKey(Schema.Array(ZoneName)),
    },
  ),
  AccessRefused: define(
    "AccessRefused",
    "zone",
    "The zone's server refused somebody something; the same again within a minute is counted, not told one by one.",
    {
      ...accessRefusal,
      /** At the server of this zone below, which told it; at the zone's own where absent. */
      zone: Schema.optionalKey(ZoneName),
      origin: Schema.optionalKey(Origin),
    },
  ),
  ShareForgotten: define(
    "ShareForgotten",
    "zone",
    "The run has ended; its sync state and objects are gone.",
    {
      run: RunId,
    },
  ),
} as const;

export type ZoneEvent = BodyOf<typeof zoneEvents>;
export type ZoneEventType = ZoneEvent["type"];
