/** What a door may ask of root. The id of `PlanRun` is the run's id, so asking twice is asking once. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { Cause } from "../schema/cause.ts";
import { RunId } from "../schema/ids.ts";
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
} as const;

export type DoorCommand = BodyOf<typeof doorCommands>;
