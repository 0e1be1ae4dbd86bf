/**
 * Runs setup, teardown or handleSummary on this agent's first worker, beside the mailbox. What the stage measured is
 * flushed before the answer, so that the answer can say how many intervals there are.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { Failure, Stage } from "../../../streams/schema/cause.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { kindOf, setupsOf, STAGE_VALUE_BYTES, timeoutMsOf, titleOf } from "../../domain/run/stages.ts";
import type { StageOutcome } from "../../ports/workers.ts";
import { failureOf, failureOfLoss } from "./get-ready.ts";
import type { Part } from "./part.ts";
import type { Agent } from "./self.ts";

type StageDone = Report & { readonly type: "StageDone" };

export const runStage = (
  self: Agent,
  part: Part,
  asked: NodeCommand & { readonly type: "RunStage" },
): Effect.Effect<void> =>
  Effect.promise(() => attempt(part, asked.stage, asked.input)).pipe(
    Effect.map((result): StageDone => {
      const { run, incarnation } = part;
      return {
        type: "StageDone",
        run,
        incarnation,
        stage: asked.stage,
        ...result,
        intervals: part.merger.intervals,
      };
    }),
    Effect.flatMap((report) => Queue.offer(self.mailbox, { type: "StageOver", part, report })),
    Effect.forkDetach,
    Effect.asVoid,
  );

async function attempt(
  part: Part,
  stage: Stage,
  input: unknown,
): Promise<{ value?: unknown; failure?: Failure }> {
  const worker = part.workers.find((_, index) => !part.lost.has(part.workers[index]?.name ?? ""));
  if (worker === undefined)
    return { failure: { kind: "lost", message: `no worker was left to run ${titleOf(stage)}` } };
  const { plan } = part.asked;
  const outcome = await Promise.race([
    worker.runStage(stage, input, timeoutMsOf(plan, stage)),
    worker.lost.then((loss): StageOutcome => lostIn(stage, failureOfLoss(loss).message)),
  ]);
  if (kindOf(stage) === "teardown" && part.start !== undefined)
    await Promise.race([worker.flush(), worker.lost]);
  return resultOf(plan, stage, outcome);
}

const lostIn = (stage: Stage, message: string): StageOutcome => ({
  kind: "failed",
  error: { name: "", message: `${message}, while it ran ${titleOf(stage)}`, stack: "", place: undefined },
});

function resultOf(plan: Plan, stage: Stage, outcome: StageOutcome): { value?: unknown; failure?: Failure } {
  const title = titleOf(stage);
  switch (outcome.kind) {
    case "failed":
      return { failure: failureOf(outcome.error) };
    case "timeout": {
      const message = `${title} took longer than ${timeoutMsOf(plan, stage) / 1000} s`;
      return { failure: { kind: "timeout", message } };
    }
    case "aborted":
      return {
        failure: { kind: "threw", message: `the script called abort() in ${title}: ${outcome.reason}` },
      };
    case "done":
      return valueOf(plan, stage, outcome.value);
  }
}

/** Values travel in messages, those of all setups together, and stay in the log: they are bounded. */
function valueOf(plan: Plan, stage: Stage, value: unknown): { value?: unknown; failure?: Failure } {
  if (value === undefined) return {};
  const bytes = Buffer.byteLength(JSON.stringify(value));
  const sharers = kindOf(stage) === "setup" ? setupsOf(plan).length : 1;
  const most = Math.floor(STAGE_VALUE_BYTES / Math.max(1, sharers));
  if (bytes <= most) return { value };
  const together = sharers > 1 ? ` (${sharers} setups share ${STAGE_VALUE_BYTES})` : "";
  const message = `${titleOf(stage)} returned ${bytes} bytes of JSON; at most ${most} can travel${together}: return less, or a reference`;
  return { failure: { kind: "invalid", message } };
}
