/** What a zone does with each input. One at a time, in the order in which they came. */
import * as Effect from "effect/Effect";
import { parseSubject } from "../../../streams/subjects.ts";
import { kindOf } from "../../domain/run/stages.ts";
import { isDivided, type ShareState } from "../../domain/zone/state.ts";
import type { Delivery, ServerError } from "../../ports/server.ts";
import { passOver } from "../from-below.ts";
import { openLink } from "../open-link.ts";
import { answer, declareSilentAgents, report } from "./agents.ts";
import { idleBelow } from "./children.ts";
import { command } from "./commands.ts";
import * as limits from "./limits.ts";
import { excuse } from "./presence.ts";
import { advance, decideAndRecord } from "./record.ts";
import { childRefused, tellCounted, watch } from "./refusals.ts";
import { type Input, type Zone } from "./self.ts";
import { settleDeferred, settleShare } from "./settle.ts";
import { declareSilentZones } from "./silent-zones.ts";
import { tellChild } from "./tell.ts";
import { childNode, childSource } from "./zone-intervals.ts";

/** One input after the other. What cannot be taken of those below is named and passed over; it must not stop the zone. */
export const handle = (self: Zone, input: Input): Effect.Effect<void, ServerError> => {
  const { note } = self.options;
  switch (input.type) {
    case "Command":
      return command(self, input.delivery).pipe(cannotObey(self, input.delivery));
    case "Report":
      return report(self, input.delivery).pipe(
        passOver(
          `${input.delivery.envelope.type} on ${input.delivery.subject}`,
          note,
          () => input.delivery.ack,
        ),
      );
    case "Watch":
      return watch(self, input.delivery).pipe(passOver("a watch report", note, () => input.delivery.ack));
    case "Arrival":
      return input.barrier === "ready"
        ? decideAndRecord(
            self,
            { type: "Arrived", run: input.run, agent: input.agent, incarnation: input.incarnation },
            "",
          )
        : Effect.void;
    case "Fact":
      return childFact(self, input).pipe(passOver(`${input.event.type} of zone ${input.zone}`, note));
    case "Stray":
      return forgetStray(self, input.child, input.run);
    case "AgentInterval":
      return offerFrame(self, input.run, input.agent, input.frame);
    case "Interval":
      return offerFrame(self, input.run, childNode(self.options.zone, input.zone), input.frame);
    case "Covered":
      return Effect.sync(() => self.intervals.get(input.through.run)?.cover(input.through));
    case "Stranger":
      return answer(self, input.agent, input.session);
    case "Tick":
      return tick(self);
  }
};

const offerFrame = (
  self: Zone,
  run: string,
  node: string,
  frame: Uint8Array,
): Effect.Effect<void, ServerError> =>
  Effect.sync(() => self.intervals.get(run)?.offer(node, frame)).pipe(
    passOver(`an interval of ${node}`, self.options.note),
  );

/** A command that cannot be carried out would come again and again: its run hears why. */
const cannotObey = (self: Zone, { ack, envelope, subject }: Delivery) =>
  passOver(envelope.type, self.options.note, (message) => {
    const run = parseSubject(subject)?.run ?? "";
    return decideAndRecord(self, { type: "CannotServe", run, message }, envelope.id).pipe(
      Effect.andThen(ack),
    );
  });

/** A stage that measured is a fact here when what it measured has come up as well. */
const childFact = Effect.fnUntraced(function* (self: Zone, fact: Input & { readonly type: "Fact" }) {
  const { zone: child, event, origin } = fact;
  if (event.type === "AccessRefused") return yield* childRefused(self, fact, event);
  const input = { type: "ChildFact", child, event, origin } as const;
  if (event.type !== "StageReported" || kindOf(event.stage) === "setup")
    return yield* decideAndRecord(self, input, origin.id);
  const { intervals, run } = event;
  const part = self.journal.state.shares[run]?.children.find(({ zone }) => zone === child);
  self.deferred.push({
    run,
    input,
    stated: { source: childSource(self.options.zone, child, part?.announced ?? 0), intervals },
    causation: origin.id,
    sinceMs: self.clock.elapsedMs(),
    ack: Effect.void,
  });
});

const forgetStray = Effect.fnUntraced(function* (self: Zone, child: string, run: string) {
  if (self.journal.state.shares[run]?.forgotten === false) return;
  const { incarnation } = self.journal.state;
  yield* openLink(self.own, child);
  yield* tellChild(self, { id: `${run}.stray.${incarnation}` }, child, { type: "ForgetRun", run });
  self.children.seenTo(child, run);
});

const tick = Effect.fnUntraced(function* (self: Zone) {
  const now = self.clock.elapsedMs();
  const stalledMs = now - self.tickedMs;
  self.tickedMs = now;
  self.isTickQueued = false;
  if (stalledMs > limits.OWN_STALL_MS) excuse(self, stalledMs);
  for (const intervals of self.intervals.values()) {
    yield* intervals.close();
    yield* intervals.resend();
  }
  yield* settleDeferred(self, now);
  yield* declareSilentAgents(self, now);
  yield* declareSilentZones(self, now);
  yield* tellCounted(self);
  for (const share of Object.values(self.journal.state.shares)) {
    if (!share.forgotten) yield* tickShare(self, share, now);
  }
});

const tickShare = Effect.fnUntraced(function* (self: Zone, share: ShareState, now: number) {
  const { run } = share;
  const waitedMs = now - (self.assignedMs.get(run) ?? now);
  if (!isDivided(share)) yield* advance(self, ""); // agents of zones below may have become idle
  if (!isDivided(share) && waitedMs > limits.AGENTS_WITHIN_MS) {
    const seconds = limits.AGENTS_WITHIN_MS / 1000;
    const below = idleBelow(self);
    yield* decideAndRecord(self, { type: "WaitedLongEnough", run, seconds, below }, "");
  }
  yield* settleShare(self, share, now);
});
