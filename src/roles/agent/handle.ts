/** What an agent does with each input. One at a time, in the order in which they came. */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { type Delivery, ServerError } from "../../ports/server.ts";
import { readBody } from "../read-body.ts";
import { isTooLate } from "../too-late.ts";
import * as limits from "./limits.ts";
import {
  assign,
  beginStage,
  checkBounds,
  disown,
  finishIfOver,
  forget,
  ready,
  silenced,
  spoolFailed,
  stop,
  workerLost,
} from "./carry-part.ts";
import { closeWindows, elapsedMs, type Part, sourceOf } from "./part.ts";
import { report } from "./outbox.ts";
import type { Agent, Input } from "./self.ts";

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
    case "SpoolFailed":
      return spoolFailed(self, part, input.reason);
    case "Abort":
      return askToStop(self, part, {
        kind: "script",
        message: `the script called abort(): ${input.reason}`,
        by: `agent ${part.agent}`,
      });
    case "Ceiling":
      return askToStop(self, part, { kind: "guard-reached", message: input.reason, by: input.worker });
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

/** What keeps one worker from going on ends the run everywhere; the first word counts. */
const askToStop = (self: Agent, part: Part, cause: Cause): Effect.Effect<void> => {
  if (part.aborted) return Effect.void;
  part.aborted = true;
  return report(self, { type: "AbortCalled", run: part.run, incarnation: part.incarnation, cause });
};

const command = Effect.fnUntraced(function* (self: Agent, { envelope, data, ack }: Delivery) {
  const isStale = envelope.epoch < self.epoch;
  if (isStale)
    self.options.note(`refused ${envelope.type} of epoch ${envelope.epoch}: epoch ${self.epoch} leads`);
  else self.epoch = envelope.epoch;
  const asked = isStale ? undefined : readBody("node command", { envelope, data }, self.options.note);
  const obeyed = asked === undefined || (yield* obey(self, asked, envelope, ack));
  if (obeyed) yield* ack;
});

/** False when it is not for now: without an acknowledgement the command comes again. */
const obey = Effect.fnUntraced(function* (
  self: Agent,
  asked: NodeCommand,
  envelope: Delivery["envelope"],
  ack: Delivery["ack"],
) {
  const { time } = envelope;
  const isExpired = isTooLate(envelope, asked, self.clock.now());
  switch (asked.type) {
    case "Admit":
      yield* admit(self, asked);
      break;
    case "Rejoin":
      if (asked.session === self.session) yield* joinAnew(self);
      break;
    case "Refuse":
      if (asked.session !== self.session) break;
      yield* ack;
      return yield* refusal(self, asked.reason);
    case "AssignShare":
      if (isExpired) break;
      if (asked.incarnation !== undefined) {
        if (self.incarnation === undefined) return false;
        if (asked.incarnation > self.incarnation) return yield* refusal(self, replacedBy(self));
        if (asked.incarnation < self.incarnation) break;
      }
      yield* assign(self, asked, time);
      break;
    case "RunStage":
      if (!isExpired && self.part?.run === asked.run && asked.incarnation === self.part.incarnation)
        yield* beginStage(self, self.part, asked);
      break;
    case "StopRun":
      if (self.part?.run === asked.run) yield* stop(self, self.part, stopMode(asked.cause));
      else if (asked.incarnation !== undefined && asked.incarnation === self.incarnation)
        yield* disown(self, asked.run, asked.incarnation, time);
      break;
    case "ForgetRun":
      if (self.part?.run === asked.run) yield* forget(self, self.part);
      break;
    case "StartRun":
      break; // agents learn the start from the barrier
  }
  return true;
});

const admit = Effect.fnUntraced(function* (self: Agent, asked: NodeCommand & { readonly type: "Admit" }) {
  const { incarnation, session } = asked;
  const isOther = session !== self.session;
  // An answer to another process of this name: one of the two must go, and the zone holds on to the later one.
  if (isOther && self.incarnation !== undefined && incarnation > self.incarnation)
    return yield* refusal(self, replacedBy(self));
  if (isOther || incarnation === self.incarnation) return;
  yield* letGo(self);
  self.incarnation = incarnation;
  self.options.note(`joined zone ${self.options.zone} as ${sourceOf(self.options.agent, incarnation)}`);
});

/**
 * What this session had was declared lost, so nothing of it may go on. A part that has stated its totals is not lost with
 * it: what of it is still on its way is delivered, until the run or another part ends it.
 */
const letGo = (self: Agent): Effect.Effect<void> =>
  self.part === undefined || self.part.finished ? Effect.void : forget(self, self.part);

/** The zone gave this session up. */
const joinAnew = Effect.fnUntraced(function* (self: Agent) {
  if (self.incarnation === undefined) return;
  self.options.note(`zone ${self.options.zone} had lost this agent; it joins again`);
  yield* letGo(self);
  self.incarnation = undefined;
  self.session = self.options.newSession();
  self.helloMs = Number.NEGATIVE_INFINITY;
});

const replacedBy = ({ options: { agent, zone } }: Agent): string =>
  `another agent with the name ${agent} joined zone ${zone}: give each agent a name of its own`;

const refusal = (self: Agent, detail: string) =>
  new ServerError({ operation: "join", address: self.options.zone, reason: "refused", detail });

const tick = Effect.fnUntraced(function* (self: Agent) {
  const now = self.clock.elapsedMs();
  self.isTickQueued = false;
  const { part } = self;
  yield* join(self, now);
  if (part === undefined) return;
  closeWindows(part, self.clock);
  part.spool.resend(now);
  yield* checkBounds(self, part);
  yield* finishIfOver(self, part);
  const silentMs = now - Math.max(self.heardMs, part.sinceMs);
  if (isTooSilent(part, silentMs)) yield* silenced(self, part, silentMs);
});

/** A person who stops a run can wait for its iterations, or press again; everything else is urgent. */
const stopMode = ({ kind }: Cause): "now" | "drain" =>
  kind === "signal" || kind === "person" ? "drain" : "now";

function isTooSilent(part: Part, silentMs: number): boolean {
  const { onSilence } = part.asked.plan;
  return !part.stopping && !part.finished && onSilence.do === "stop" && silentMs > onSilence.afterMs;
}

/** Asks to join, again and again until the zone answers. While the server is away one question waits, not many. */
const join = Effect.fnUntraced(function* (self: Agent, now: number) {
  if (self.incarnation !== undefined || now - self.helloMs < limits.HELLO_EVERY_MS) return;
  if (Queue.sizeUnsafe(self.outbox) > 0) return;
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
