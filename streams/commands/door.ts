/** What a door may ask of root. The id of `PlanRun` is the run's id, so asking twice is asking once. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { Cause } from "../schema/cause.ts";
import { RunId, ZoneName } from "../schema/ids.ts";
import { PlanRequest } from "../schema/plan.ts";

export const doorCommands = {
  PlanRun: define("PlanRun", "door", "Somebody wants a run.", { run: RunId, request: PlanRequest }),
  AbortRun: define("AbortRun", "door", "Somebody wants a run to stop, drained and torn down.", {
    run: RunId,
    cause: Cause,
  }),
  AddNote: define("AddNote", "door", "Somebody wants something written down about a run.", {
    run: RunId,
    text: Schema.String,
  }),
  RemoveRun: define("RemoveRun", "door", "Somebody wants an ended run and its intervals deleted.", {
    run: RunId,
  }),
  DrainZone: define("DrainZone", "door", "Somebody wants a zone to get no new runs, or to get them again.", {
    zone: ZoneName,
    /** True: it gets new runs again. */
    undo: Schema.optionalKey(Schema.Boolean),
    reason: Schema.optionalKey(Schema.String),
  }),
  ReportRevoked: define("ReportRevoked", "door", "A zone's credentials were revoked at the hub's server.", {
    zone: ZoneName,
    reason: Schema.optionalKey(Schema.String),
  }),
} as const;

export type DoorCommand = BodyOf<typeof doorCommands>;
