/**
 * Events of the run log, in the order of a run's life. Written by the leading root alone; with root's interval
 * log they are all it takes to live the run again.
 */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { Cause, Evidence, Failure, Origin, Outcome, Stage, WorkerDeath } from "../schema/cause.ts";
import { AgentFinish, AgentLoss, Aside } from "../schema/finish.ts";
import { AgentName, Count, Instant, Sha256, ZoneName } from "../schema/ids.ts";
import { Member } from "../schema/member.ts";
import { Plan, Problem } from "../schema/plan.ts";
import { Share } from "../schema/share.ts";

/** The zone of root's through which an agent's own zone is reached; absent where it is the same. */
const via = Schema.optionalKey(ZoneName);

export const runEvents = {
  RunPlanned: define("RunPlanned", "root", "A request was valid and became a plan.", {
    plan: Plan,
    actor: Schema.String,
  }),
  RunRefused: define("RunRefused", "root", "A request was not valid; the run never existed.", {
    problems: Schema.Array(Problem),
    actor: Schema.String,
  }),
  RunAssigned: define("RunAssigned", "root", "Root divided the run among its zones.", {
    shares: Schema.Array(Schema.Struct({ zone: ZoneName, share: Share, agents: Count })),
  }),
  ZoneReady: define("ZoneReady", "root", "Every agent of a zone has initialised its VUs.", {
    zone: ZoneName,
    incarnation: Count,
    members: Schema.Array(Member),
    origin: Origin,
  }),
  RunReady: define("RunReady", "root", "Every zone is ready.", {}),
  StageAttempted: define(
    "StageAttempted",
    "root",
    "One agent is about to run setup, teardown (the run's or a scenario's) or handleSummary.",
    {
      stage: Stage,
      zone: ZoneName,
      via,
      agent: AgentName,
      incarnation: Count,
    },
  ),
  StageEnded: define(
    "StageEnded",
    "root",
    "The attempt ended, failed, was lost, or nobody was left to make it.",
    {
      stage: Stage,
      result: Schema.Literals(["succeeded", "failed", "not-run"]),
      /** What it returned, as JSON. */
      value: Schema.optionalKey(Schema.Unknown),
      failure: Schema.optionalKey(Failure),
      /** Length of the zone's interval log after the stage. */
      intervals: Schema.optionalKey(Count),
      /** Intervals of the stage that its zone could not count. */
      aside: Schema.optionalKey(Aside),
      origin: Schema.optionalKey(Origin),
    },
  ),
  RunStarted: define("RunStarted", "root", "The start instant is fixed; the run's clock counts from it.", {
    /** Hub time. */
    startAt: Instant,
  }),
  AgentLost: define("AgentLost", "root", "A zone lost an agent that had a part in this run.", {
    zone: ZoneName,
    via,
    loss: AgentLoss,
    origin: Origin,
  }),
  WorkerLost: define(
    "WorkerLost",
    "root",
    "An agent lost one of its workers and goes on with the others; the plan says whether the run does.",
    {
      zone: ZoneName,
      via,
      agent: AgentName,
      incarnation: Count,
      death: WorkerDeath,
      origin: Origin,
    },
  ),
  ZoneLost: define(
    "ZoneLost",
    "root",
    "A zone has been silent for too long; what it has not reported is not waited for.",
    {
      zone: ZoneName,
      reason: Schema.String,
    },
  ),
  RunStopping: define(
    "RunStopping",
    "root",
    "The run will not go to its planned end; this is the first cause.",
    {
      cause: Cause,
      /** Where root's interval log shows it; only of a threshold. */
      evidence: Schema.optionalKey(Evidence),
    },
  ),
  RunDraining: define("RunDraining", "root", "No new iteration starts any more; running ones may end.", {}),
  ZoneFinished: define(
    "ZoneFinished",
    "root",
    "Every agent of a zone has finished or is lost, and its intervals are complete.",
    {
      zone: ZoneName,
      incarnation: Count,
      agents: Schema.Array(AgentFinish),
      /** Length of the zone's interval log for this run. */
      intervals: Count,
      /** Intervals of its agents that the zone could not count. */
      aside: Schema.optionalKey(Aside),
      /** Zones below it that it gave up, and that may still come back. */
      awaits: Schema.optionalKey(Schema.Array(ZoneName)),
      origin: Origin,
    },
  ),
  LeaderChanged: define("LeaderChanged", "root", "Another root took over the open run.", {
    root: Schema.String,
    epoch: Count,
  }),
  SummaryRecorded: define(
    "SummaryRecorded",
    "root",
    "The final figures, a pure function of the log before and the intervals.",
    {
      /** Length of root's interval log that the summary reads. */
      intervals: Count,
      sha256: Sha256,
      summary: Schema.Unknown,
    },
  ),
  VerdictGiven: define(
    "VerdictGiven",
    "root",
    "The run has ended with this outcome; revision 0 never changes.",
    {
      revision: Count,
      outcome: Outcome,
      exitCode: Count,
      message: Schema.String,
    },
  ),
  LateDataAwaited: define(
    "LateDataAwaited",
    "root",
    "The verdict was given before everything was in; what still arrives revises the report.",
    {
      /** Until when it is waited for, hub time. */
      until: Instant,
      /** Zones of which something is missing; the others let go of the run with the verdict. */
      zones: Schema.Array(ZoneName),
    },
  ),
  ReportRevised: define(
    "ReportRevised",
    "root",
    "Late data changed the figures; the verdict's revision 0 stays as it is.",
    {
      /** From 1. */
      revision: Count,
      /** Length of root's interval log that this summary reads. */
      intervals: Count,
      sha256: Sha256,
      summary: Schema.Unknown,
      /** The verdict as it would be by these figures. */
      outcome: Outcome,
      exitCode: Count,
      message: Schema.String,
    },
  ),
  RunClosed: define(
    "RunClosed",
    "root",
    "Everything is in, or what is missing is not waited for any more; zones let go of the run.",
    {
      /** Why, for a person. */
      reason: Schema.String,
    },
  ),
  NoteAdded: define("NoteAdded", "root", "Somebody wrote something down about the run, at any time.", {
    /** Of the command that brought it: a command that is delivered twice is one note. */
    id: Schema.String,
    text: Schema.String,
    actor: Schema.String,
  }),
  LandingAttempted: define(
    "LandingAttempted",
    "root",
    "Root begins to write the run's rows to ClickHouse; rows of an earlier attempt are deleted first.",
    {
      attempt: Count,
    },
  ),
  HistoryLanded: define(
    "HistoryLanded",
    "root",
    "ClickHouse has the run: counts and sums of every table equal those of the interval log.",
    {
      attempt: Count,
      /** Revision of the report that landed, 0 for the verdict's. */
      revision: Count,
      /** Length of root's interval log that landed. */
      intervals: Count,
      /** Rows by table. */
      rows: Schema.Record(Schema.String, Count),
    },
  ),
} as const;

export type RunEvent = BodyOf<typeof runEvents>;
export type RunEventType = RunEvent["type"];
