/** A stage whose agent or zone is gone in mid-attempt has failed: it is never tried a second time in silence. */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Stage } from "../../../streams/schema/cause.ts";
import { titleOf } from "./stages.ts";

export const stageLost = (stage: Stage, message: string): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "failed",
  failure: { kind: "lost", message: `${message} while it ran ${titleOf(stage)}` },
});
