/**
 * An agent's part from assignment to forgetting: takes workers into service, starts and stops them, and states the
 * totals once, when everything they measured is inside the agent's own intervals.
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { WorkerProcess } from "../../ports/workers.ts";
import { getReady, lossText } from "./get-ready.ts";
import { type AssignShare, finishOf, isOver, newPart, type Part, sourceOf, workerName } from "./part.ts";
import { type Agent, type Input, report } from "./self.ts";
import { Spool } from "./spool.ts";
import { runStage } from "./stage.ts";

export const assign = Effect.fnUntraced(function* (self: Agent, asked: AssignShare) {
  const { incarnation } = self;
  if (incarnation === undefined || self.part?.run === asked.run) return;
  if (self.part !== undefined) yield* forget(self, self.part);
  const { zone, agent } = self.options;
  const source = sourceOf(agent, incarnation);
  const spool = yield* Spool.make({
    zone,
    agent,
    run: asked.run,
    source,
    server: self.server,
    clock: self.clock,
  });
  const part = newPart(asked, agent, incarnation, spool);
  self.part = part;
  for (let index = 0; index < asked.workers; index++) part.workers.push(employ(self, part, index));
  yield* spool.publish.pipe(
    Effect.tapError((error) => Effect.sync(() => self.options.note(error.message))),
    Effect.ignore,
    Effect.forkDetach,
    Effect.tap((fiber) => Effect.sync(() => (part.publishing = fiber))),
  );
  part.gettingReady = yield* getReady(self, part).pipe(
    Effect.catch((error) =>
      Effect.succeed({ ok: false, failure: { kind: "lost", message: error.message } } as const),
    ),
    Effect.flatMap((readiness) => Queue.offer(self.mailbox, { type: "Ready", part, readiness })),
    Effect.asVoid,
    Effect.forkDetach,
  );
});

/** Takes a worker into service: what it says goes into the mailbox. */
function employ(self: Agent, part: Part, index: number): WorkerProcess {
  const worker = self.spare ?? self.startWorker();
  self.spare = undefined;
  const name = workerName(part, index);
  const offer = (input: Input) => void Queue.offerUnsafe(self.mailbox, input);
  worker.onFrame((frame) => offer({ type: "Frame", part, frame }));
  worker.onAbort((reason) => offer({ type: "Abort", part, reason }));
  worker.onLog((line) => self.options.note(line));
  worker.onWarning((message) => self.options.note(`warning: ${message}`));
  void worker.ended.then((end) => offer({ type: "Ended", part, worker: name, end }));
  void worker.lost.then(({ cause, lastLines }) =>
    offer({ type: "Lost", part, worker: name, cause, lastLines }),
  );
  return worker;
}

export const ready = Effect.fnUntraced(function* (
  self: Agent,
  part: Part,
  { readiness }: Input & { type: "Ready" },
) {
  part.gettingReady = undefined;
  if (!readiness.ok) {
    const { failure } = readiness;
    return yield* report(self, { type: "PartFailed", run: part.run, incarnation: part.incarnation, failure });
  }
  if (part.stopping) return;
  part.start = readiness.start;
  part.setup = readiness.setup;
  part.startLateUs = Math.max(0, self.clock.now() - readiness.start.startAt);
  const startAtNs = self.clock.monotonicNs(readiness.start.startAt);
  for (const worker of part.workers) worker.start(startAtNs, readiness.setup);
});

export const beginStage = (self: Agent, part: Part, asked: NodeCommand & { readonly type: "RunStage" }) => {
  if (part.begun.has(asked.stage)) return Effect.void;
  part.begun.add(asked.stage);
  return runStage(self, part, asked);
};

export const workerLost = Effect.fnUntraced(function* (
  self: Agent,
  part: Part,
  { worker, cause, lastLines }: Input & { type: "Lost" },
) {
  if (part.lost.has(worker)) return;
  const message = lossText(cause, lastLines);
  part.lost.set(worker, message);
  part.merger.childEnded(worker, undefined);
  part.endedAtUs = self.clock.now();
  if (part.finished) return;
  const failure = { kind: "lost", message } as const;
  yield* report(self, { type: "PartFailed", run: part.run, incarnation: part.incarnation, failure });
});

/** Ends the part: running iterations are cut `now`, or may take their `gracefulStop` (`drain`). */
export const stop = Effect.fnUntraced(function* (self: Agent, part: Part, mode: "now" | "drain") {
  part.stopping = true;
  if (part.gettingReady !== undefined) yield* Fiber.interrupt(part.gettingReady);
  part.gettingReady = undefined;
  if (part.start !== undefined) for (const worker of part.workers) worker.stop(mode);
  yield* finishIfOver(self, part);
});

export const finishIfOver = Effect.fnUntraced(function* (self: Agent, part: Part) {
  if (part.finished || !isOver(part)) return;
  part.finished = true;
  yield* report(self, { type: "PartFinished", run: part.run, finish: finishOf(part, self.clock) });
});

/** The run has ended: workers go, one new one is started ahead for the next run. */
export const forget = Effect.fnUntraced(function* (self: Agent, part: Part) {
  self.part = undefined;
  if (part.gettingReady !== undefined) yield* Fiber.interrupt(part.gettingReady);
  if (part.publishing !== undefined) yield* Fiber.interrupt(part.publishing);
  yield* Effect.promise(() => Promise.all(part.workers.map((worker) => worker.kill())));
  self.spare ??= self.startWorker();
});
