/** What an agent does with each input. One at a time, in the order in which they came. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { ServerError } from "../../ports/server.ts";
import type { WorkerProcess } from "../../ports/workers.ts";
import { getReady, lossText } from "./get-ready.ts";
import * as limits from "./limits.ts";
import {
  type AssignShare,
  closeWindows,
  elapsedMs,
  finishOf,
  isOver,
  newPart,
  type Part,
  sourceOf,
  workerName,
} from "./part.ts";
import { type Agent, type Input, report } from "./self.ts";
import { Spool } from "./spool.ts";
import { readBody } from "../read-body.ts";
import { runStage } from "./stage.ts";

export const handle = (self: Agent, input: Input): Effect.Effect<void, ServerError> => {
  switch (input.type) {
    case "Command":
      return command(self, input.delivery);
    case "Tick":
      return tick(self);
    case "Covered":
      return Effect.sync(() => self.part?.spool.cover(input.through));
    default:
      // Whatever a part of the past still had to say is of no interest any more.
      return input.part === self.part ? fromPart(self, input.part, input) : Effect.void;
  }
};

type PartInput = Exclude<Input, { type: "Command" | "Tick" | "Covered" }>;

const fromPart = (self: Agent, part: Part, input: PartInput): Effect.Effect<void, ServerError> => {
  switch (input.type) {
    case "Ready":
      return ready(self, part, input);
    case "Frame":
      return Effect.sync(() => void part.merger.offer(input.frame, elapsedMs(part, self.clock)));
    case "Abort": {
      const cause: Cause = {
        kind: "script",
        message: `the script called abort(): ${input.reason}`,
        by: `agent ${part.agent}`,
      };
      return report(self, { type: "AbortCalled", run: part.run, incarnation: part.incarnation, cause });
    }
    case "Ended":
      return Effect.sync(() => {
        part.ends.set(input.worker, input.end);
        part.endedAtUs = self.clock.now();
      });
    case "Lost":
      return workerLost(self, part, input);
    case "StageOver": {
      closeWindows(part, self.clock);
      return report(self, { ...input.report, intervals: part.merger.intervals });
    }
  }
};

const command = Effect.fnUntraced(function* (
  self: Agent,
  { envelope, data, ack }: (Input & { type: "Command" })["delivery"],
) {
  const asked = readBody("node command", { envelope, data }, self.options.note);
  switch (asked?.type) {
    case undefined:
      break;
    case "Admit":
      if (asked.session === self.session) {
        self.incarnation = asked.incarnation;
        self.options.note(
          `joined zone ${self.options.zone} as ${sourceOf(self.options.agent, asked.incarnation)}`,
        );
      }
      break;
    case "Refuse":
      yield* ack;
      if (asked.session !== self.session) return;
      return yield* new ServerError({
        operation: "join",
        address: self.options.zone,
        reason: "refused",
        detail: asked.reason,
      });
    case "AssignShare":
      yield* assign(self, asked);
      break;
    case "RunStage":
      if (self.part?.run === asked.run && asked.incarnation === self.part.incarnation)
        yield* beginStage(self, self.part, asked);
      break;
    case "StopRun":
      if (self.part?.run === asked.run) yield* stop(self, self.part);
      break;
    case "ForgetRun":
      if (self.part?.run === asked.run) yield* forget(self, self.part);
      break;
    case "StartRun":
      break; // agents learn the start from the barrier
  }
  yield* ack;
});

const beginStage = (self: Agent, part: Part, asked: NodeCommand & { readonly type: "RunStage" }) => {
  if (part.begun.has(asked.stage)) return Effect.void;
  part.begun.add(asked.stage);
  return runStage(self, part, asked);
};

const assign = Effect.fnUntraced(function* (self: Agent, asked: AssignShare) {
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

const ready = Effect.fnUntraced(function* (
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

const workerLost = Effect.fnUntraced(function* (
  self: Agent,
  part: Part,
  { worker, cause, lastLines }: Input & { type: "Lost" },
) {
  if (part.lost.has(worker)) return;
  part.lost.add(worker);
  part.merger.childEnded(worker, undefined);
  part.endedAtUs = self.clock.now();
  if (part.finished) return;
  const failure = { kind: "lost", message: lossText(cause, lastLines) } as const;
  yield* report(self, { type: "PartFailed", run: part.run, incarnation: part.incarnation, failure });
});

const stop = Effect.fnUntraced(function* (self: Agent, part: Part) {
  part.stopping = true;
  if (part.gettingReady !== undefined) yield* Fiber.interrupt(part.gettingReady);
  part.gettingReady = undefined;
  if (part.start !== undefined) for (const worker of part.workers) worker.stop("now");
  yield* finishIfOver(self, part);
});

/** The run has ended: workers go, one new one is started ahead for the next run. */
const forget = Effect.fnUntraced(function* (self: Agent, part: Part) {
  self.part = undefined;
  if (part.gettingReady !== undefined) yield* Fiber.interrupt(part.gettingReady);
  if (part.publishing !== undefined) yield* Fiber.interrupt(part.publishing);
  yield* Effect.promise(() => Promise.all(part.workers.map((worker) => worker.kill())));
  self.spare ??= self.startWorker();
});

const tick = Effect.fnUntraced(function* (self: Agent) {
  const now = performance.now();
  const stalledMs = now - self.tickedMs;
  self.tickedMs = now;
  const { part } = self;
  if (part === undefined) return yield* join(self, now, stalledMs);
  closeWindows(part, self.clock);
  part.spool.resend(now);
  yield* finishIfOver(self, part);
  if (isTooSilent(part, now - self.heardMs)) yield* stop(self, part);
});

function isTooSilent(part: Part, silentMs: number): boolean {
  const { onSilence } = part.asked.plan;
  return !part.stopping && !part.finished && onSilence.do === "stop" && silentMs > onSilence.afterMs;
}

const finishIfOver = Effect.fnUntraced(function* (self: Agent, part: Part) {
  if (part.finished || !isOver(part)) return;
  part.finished = true;
  yield* report(self, { type: "PartFinished", run: part.run, finish: finishOf(part, self.clock) });
});

/** Asks to join, again and again until the zone answers; an agent that stood still too long joins anew. */
const join = Effect.fnUntraced(function* (self: Agent, now: number, stalledMs: number) {
  if (stalledMs > limits.STALL_MS && self.incarnation !== undefined) {
    self.incarnation = undefined;
    self.session = self.options.newSession();
    self.helloMs = 0;
  }
  if (self.incarnation !== undefined || now - self.helloMs < limits.HELLO_EVERY_MS) return;
  self.helloMs = now;
  const { program, cores, host, labels } = self.options;
  yield* report(self, {
    type: "Hello",
    session: self.session,
    protocol: PROTOCOL,
    program,
    cores,
    host,
    labels,
  });
});
