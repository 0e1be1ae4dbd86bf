/**
 * An agent's part from assignment to forgetting: takes workers into service, starts and stops them, and states the
 * totals once, when everything they measured is inside the agent's own intervals.
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { WorkerProcess } from "../../ports/workers.ts";
import { failureOfLoss, getReady } from "./get-ready.ts";
import {
  type AssignShare,
  finishOf,
  isOver,
  newPart,
  nothingDone,
  type Part,
  sourceOf,
  workerName,
} from "./part.ts";
import { MAILBOX, SPOOL_BYTES } from "./limits.ts";
import { report } from "./outbox.ts";
import type { Agent, Input } from "./self.ts";
import { Spool } from "./spool.ts";
import { runStage } from "./stage.ts";

/** Takes a part. One that was given (at `time`, zone server's clock) before another is out of date. */
export const assign = Effect.fnUntraced(function* (self: Agent, asked: AssignShare, time: number) {
  const { incarnation } = self;
  if (incarnation === undefined || self.part?.run === asked.run || time <= self.assignedAt) return;
  self.assignedAt = time;
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
  const part = newPart({ asked, agent, incarnation, spool, sinceMs: self.clock.elapsedMs() });
  self.part = part;
  for (let index = 0; index < asked.workers; index++) part.workers.push(employ(self, part, index));
  yield* spool.publish.pipe(
    Effect.catch(({ message: reason }) =>
      Queue.offer(self.mailbox, { type: "SpoolFailed", part, reason }).pipe(Effect.asVoid),
    ),
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
  const offer = (input: Input) => {
    if (!Queue.offerUnsafe(self.mailbox, input)) part.overrun = true;
  };
  worker.onFrame((frame) => offer({ type: "Frame", part, frame }));
  worker.onAbort((reason) => offer({ type: "Abort", part, reason }));
  worker.onCeiling((reason) => offer({ type: "Ceiling", part, worker: name, reason }));
  worker.onLog((line) => self.options.note(line));
  worker.onWarning((message) => {
    // Each worker finds the same mistake of the script.
    if (part.warned.has(message)) return;
    part.warned.add(message);
    self.options.note(`warning: ${message}`);
  });
  void worker.ended.then((end) => offer({ type: "Ended", part, worker: name, end }));
  void worker.lost.then((loss) => offer({ type: "Lost", part, worker: name, loss }));
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
  self.clock = readiness.clock;
  part.start = readiness.start;
  part.startLateUs = Math.max(0, self.clock.now() - readiness.start.startAt);
  const startAtNs = self.clock.monotonicNs(readiness.start.startAt);
  for (const worker of part.workers) worker.start(startAtNs, readiness.setup, readiness.setups);
});

export const beginStage = (self: Agent, part: Part, asked: NodeCommand & { readonly type: "RunStage" }) => {
  if (part.begun.has(asked.stage)) return Effect.void;
  part.begun.add(asked.stage);
  return runStage(self, part, asked);
};

export const workerLost = Effect.fnUntraced(function* (
  self: Agent,
  part: Part,
  { worker, loss }: Input & { type: "Lost" },
) {
  if (part.lost.has(worker)) return;
  const failure = failureOfLoss({ ...loss, name: worker });
  part.lost.set(worker, failure.message);
  self.options.note(failure.message);
  part.merger.childEnded(worker, undefined);
  part.endedAtUs = self.clock.now();
  if (part.finished) return;
  yield* report(self, { type: "PartFailed", run: part.run, incarnation: part.incarnation, failure });
});

/** Says once that the part cannot go on, and stops it. */
const fail = Effect.fnUntraced(function* (self: Agent, part: Part, message: string) {
  if (part.failed || part.finished) return;
  part.failed = true;
  self.options.note(message);
  const failure = { kind: "lost", message } as const;
  yield* report(self, { type: "PartFailed", run: part.run, incarnation: part.incarnation, failure });
  yield* stop(self, part, "now");
});

export const spoolFailed = (self: Agent, part: Part, reason: string) =>
  fail(self, part, `the zone does not store the intervals of this agent: ${reason}`);

/**
 * Nothing is heard from above for longer than the plan allows. Before the start this is said as well: the others may
 * have heard, and would wait for this part.
 */
export const silenced = (self: Agent, part: Part, silentMs: number): Effect.Effect<void> => {
  if (part.start !== undefined) return stop(self, part, "now");
  const seconds = (silentMs / 1000).toFixed(1);
  return fail(self, part, `nothing was heard from above for ${seconds} s before the start (onSilence)`);
};

/** What waits is bounded; a part that needs more cannot be measured any more. */
export const checkBounds = (self: Agent, part: Part): Effect.Effect<void> => {
  if (part.spool.bytes > SPOOL_BYTES) {
    const size = `${SPOOL_BYTES / 2 ** 20} MiB`;
    return fail(self, part, `more than ${size} of intervals wait for zone ${self.options.zone} to take them`);
  }
  if (!part.overrun) return Effect.void;
  return fail(self, part, `this agent cannot keep up with its workers: ${MAILBOX} of their messages wait`);
};

/** Answers for a part that never came here: nobody need wait for it, and it is not taken any more. */
export const disown = (self: Agent, run: string, incarnation: number, time: number): Effect.Effect<void> => {
  self.assignedAt = Math.max(self.assignedAt, time);
  const finish = nothingDone(self.options.agent, incarnation, self.clock);
  return report(self, { type: "PartFinished", run, finish });
};

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
