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
import type { StageOutcome } from "../../ports/workers.ts";
import { failureOf, lossText } from "./get-ready.ts";
import { STAGE_VALUE_BYTES } from "./limits.ts";
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
    return { failure: { kind: "lost", message: `no worker was left to run ${stage}` } };
  const outcome = await Promise.race([
    worker.runStage(stage, input, timeoutOf(part.asked.plan, stage)),
    worker.lost.then(({ cause, lastLines }): StageOutcome => lostIn(stage, lossText(cause, lastLines))),
  ]);
  if (stage === "teardown" && part.start !== undefined) await Promise.race([worker.flush(), worker.lost]);
  return resultOf(stage, outcome, timeoutOf(part.asked.plan, stage));
}

const timeoutOf = (plan: Plan, stage: Stage): number =>
  ({ setup: plan.setupTimeoutMs, teardown: plan.teardownTimeoutMs, summary: plan.handleSummaryTimeoutMs })[
    stage
  ];

const lostIn = (stage: Stage, message: string): StageOutcome => ({
  kind: "failed",
  error: { name: "", message: `${message}, while it ran ${stage}`, stack: "", place: undefined },
});

function resultOf(
  stage: Stage,
  outcome: StageOutcome,
  timeoutMs: number,
): { value?: unknown; failure?: Failure } {
  switch (outcome.kind) {
    case "failed":
      return { failure: failureOf(outcome.error) };
    case "timeout":
      return { failure: { kind: "timeout", message: `${stage} took longer than ${timeoutMs / 1000} s` } };
    case "aborted":
      return {
        failure: { kind: "threw", message: `the script called abort() in ${stage}: ${outcome.reason}` },
      };
    case "done":
      return valueOf(stage, outcome.value);
  }
}

/** Values travel in messages and stay in the log: they are bounded. */
function valueOf(stage: Stage, value: unknown): { value?: unknown; failure?: Failure } {
  if (value === undefined) return {};
  const bytes = JSON.stringify(value).length;
  if (bytes <= STAGE_VALUE_BYTES) return { value };
  const message = `${stage} returned ${bytes} bytes of JSON; at most ${STAGE_VALUE_BYTES} can travel: return less, or a reference`;
  return { failure: { kind: "invalid", message } };
}
