/** What an agent does with each input. One at a time, in the order in which they came. */
import * as Effect from "effect/Effect";
import type { Cause } from "../../../streams/schema/cause.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { ServerError } from "../../ports/server.ts";
import { readBody } from "../read-body.ts";
import * as limits from "./limits.ts";
import { assign, beginStage, finishIfOver, forget, ready, stop, workerLost } from "./carry-part.ts";
import { closeWindows, elapsedMs, type Part, sourceOf } from "./part.ts";
import { type Agent, type Input, report } from "./self.ts";

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
  const isStale = envelope.epoch < self.epoch;
  if (isStale)
    self.options.note(`refused ${envelope.type} of epoch ${envelope.epoch}: epoch ${self.epoch} leads`);
  else self.epoch = envelope.epoch;
  const asked = isStale ? undefined : readBody("node command", { envelope, data }, self.options.note);
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
      if (self.part?.run === asked.run) yield* stop(self, self.part, stopMode(asked.cause));
      break;
    case "ForgetRun":
      if (self.part?.run === asked.run) yield* forget(self, self.part);
      break;
    case "StartRun":
      break; // agents learn the start from the barrier
  }
  yield* ack;
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
  if (isTooSilent(part, now - self.heardMs)) yield* stop(self, part, "now");
});

/** A person who stops a run can wait for its iterations, or press again; everything else is urgent. */
const stopMode = ({ kind }: Cause): "now" | "drain" =>
  kind === "signal" || kind === "person" ? "drain" : "now";

function isTooSilent(part: Part, silentMs: number): boolean {
  const { onSilence } = part.asked.plan;
  return !part.stopping && !part.finished && onSilence.do === "stop" && silentMs > onSilence.afterMs;
}

/** Asks to join, again and again until the zone answers; an agent that stood still too long joins anew. */
const join = Effect.fnUntraced(function* (self: Agent, now: number, stalledMs: number) {
  if (stalledMs > limits.STALL_MS && self.incarnation !== undefined) {
    self.incarnation = undefined;
    self.session = self.options.newSession();
    self.helloMs = Number.NEGATIVE_INFINITY;
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
