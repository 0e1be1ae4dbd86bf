/** What a zone does with each input. One at a time, in the order in which they came. */
import * as Effect from "effect/Effect";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Report } from "../../../streams/messages/report.ts";
import { parseSubject } from "../../../streams/subjects.ts";
import { answerBeat } from "../../domain/agent/membership.ts";
import { hasHash } from "../../domain/guard/bundle-hash.ts";
import { type ShareRails, shareRails } from "../../domain/guard/share-rails.ts";
import { kindOf } from "../../domain/run/stages.ts";
import { lingersUntil } from "../../domain/zone/lingering.ts";
import { childOf, isDivided, liveAgents, type ShareState } from "../../domain/zone/state.ts";
import type { Delivery, ServerError } from "../../ports/server.ts";
import { knownServers } from "../control-plane.ts";
import { bundleOf } from "../object-names.ts";
import { passOver, readWord } from "../from-below.ts";
import { openLink } from "../open-link.ts";
import { readBody } from "../read-body.ts";
import { setOnce } from "../sync.ts";
import { isTooLate } from "../too-late.ts";
import { idleBelow } from "./children.ts";
import * as limits from "./limits.ts";
import { measureAgent } from "./measure.ts";
import { fetchObjects } from "./objects.ts";
import { excuse } from "./presence.ts";
import { advance, decideAndRecord } from "./record.ts";
import { childRefused, tellCounted, watch } from "./refusals.ts";
import { type Input, syncOf, type Zone } from "./self.ts";
import { settleDeferred, settleShare } from "./settle.ts";
import { declareSilentZones } from "./silent-zones.ts";
import { sayUnderNewLeader, tellAgent, tellChild } from "./tell.ts";
import { agentSource, childNode, childSource } from "./zone-intervals.ts";

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

const command = Effect.fnUntraced(function* (self: Zone, delivery: Delivery) {
  const { envelope } = delivery;
  const asked = readBody("node command", delivery, self.options.note);
  const isStale = envelope.epoch < self.epoch;
  if (isStale)
    self.options.note(`refused ${envelope.type} of epoch ${envelope.epoch}: epoch ${self.epoch} leads`);
  else if (asked !== undefined && isTooLate(envelope, asked, self.upperClock.now()))
    self.options.note(`${asked.type} came too late and was not carried out`);
  else if (asked !== undefined) {
    const isNewLeader = envelope.epoch > self.epoch;
    self.epoch = envelope.epoch;
    if (isNewLeader) yield* sayUnderNewLeader(self);
    yield* obey(self, asked, envelope.id);
  }
  yield* delivery.ack;
});

const obey = Effect.fnUntraced(function* (self: Zone, asked: NodeCommand, id: string) {
  if (asked.type === "RunStage") return yield* passOn(self, asked, id);
  let rails = asked.type === "AssignShare" ? yield* railsOf(self, asked) : undefined;
  let problem: string | undefined;
  if (asked.type === "AssignShare" && rails?.refusal === undefined) {
    problem = yield* fetchObjects(self, asked.run, asked.plan);
    if (problem === undefined) rails = yield* withoutForeign(self, asked, rails ?? {});
  }
  if (asked.type === "StartRun") yield* handOut(self, asked);
  const zoneStartAt =
    asked.type === "StartRun" ? self.clock.now() + asked.startAt - self.upperClock.now() : 0;
  yield* decideAndRecord(self, { type: "Command", command: asked, zoneStartAt, rails }, id);
  if (problem !== undefined && "run" in asked) {
    yield* decideAndRecord(self, { type: "CannotServe", run: asked.run, message: problem }, id);
  }
});

/** What the zone's owner and those above hold a share to, as the owner's file says just now. */
const railsOf = Effect.fnUntraced(function* (
  self: Zone,
  asked: NodeCommand & { readonly type: "AssignShare" },
) {
  const { journal, options, own } = self;
  const { zone, guard, note } = options;
  const { actor, guards = [], plan, run, share } = asked;
  const now = self.upperClock.now();
  const others = Object.values(journal.state.shares)
    .filter((each) => each.run !== run && !each.refused)
    .filter((each) => !each.forgotten || (lingersUntil(each, journal.state.agents) ?? 0) > now)
    .map((each) => ({ run: each.run, lingers: each.forgotten }));
  const rails = shareRails({ zone, plan, share, actor, guards, others }, guard?.());
  if (rails.refusal !== undefined) note(`run ${run} of ${actor ?? "somebody"} is refused: ${rails.refusal}`);
  const all: ShareRails = { ...rails, controlPlane: yield* knownServers(own, options.controlPlane) };
  return all;
});

/** What lies under a hash that the owner approved must be what the owner saw; else nobody is to begin with it. */
const withoutForeign = Effect.fnUntraced(function* (
  { options: { zone }, own }: Zone,
  { plan }: NodeCommand & { readonly type: "AssignShare" },
  rails: ShareRails,
) {
  if (rails.isApproved !== true) return rails;
  const where = { asset: "zoneObjects", zone } as const;
  const bytes = yield* own.objects.get(where, bundleOf(plan.bundle));
  if (bytes !== undefined && hasHash(bytes, plan.bundle)) return rails;
  // The next run gets a new copy: this one would be refused for as long as it is kept.
  yield* own.objects.remove(where, bundleOf(plan.bundle));
  const refusal = `what lies under the approved hash ${plan.bundle} is another script; zone ${zone} does not run it`;
  return { ...rails, refusal };
});

/** To the agent; where that is one of a zone below, to that zone. */
const passOn = Effect.fnUntraced(function* (
  self: Zone,
  asked: NodeCommand & { readonly type: "RunStage" },
  id: string,
) {
  const share = self.journal.state.shares[asked.run];
  const child = share === undefined ? undefined : childOf(share, asked);
  if (child === undefined) yield* tellAgent(self, { id }, asked.agent, asked);
  else yield* tellChild(self, { id }, child.zone, asked);
});

/** What setups returned is there before the start is: whoever hears of that reads it. */
const handOut = Effect.fnUntraced(function* (
  self: Zone,
  { run, setup, setups }: NodeCommand & { readonly type: "StartRun" },
) {
  yield* setOnce(syncOf(self, run), "setup", setup ?? null);
  if (setups !== undefined) yield* setOnce(syncOf(self, run), "setups", setups);
});

const report = Effect.fnUntraced(function* (self: Zone, delivery: Delivery) {
  const said = readWord("report", delivery, self.options.note);
  const { agent } = parseSubject(delivery.subject) ?? {};
  const causation = delivery.envelope.id;
  if (said?.type === "StageDone" && kindOf(said.stage) !== "setup" && agent !== undefined) {
    const source = agentSource(agent, said.incarnation);
    self.deferred.push({
      run: said.run,
      input: { type: "Report", agent, report: said, intervals: 0 },
      stated: { source, intervals: said.intervals },
      causation,
      sinceMs: self.clock.elapsedMs(),
      ack: delivery.ack,
    });
    return;
  }
  if (said !== undefined && agent !== undefined) yield* listen(self, agent, said, causation);
  yield* delivery.ack;
});

const listen = Effect.fnUntraced(function* (self: Zone, agent: string, said: Report, causation: string) {
  if (said.type === "Hello") {
    const { session } = said;
    const known = self.journal.state.agents[agent];
    self.heard.set(agent, { session, atMs: self.clock.elapsedMs() });
    if (known?.live === true && known.session === session) {
      // It asks again, so another process of its name may have taken the answer.
      const { incarnation } = known;
      return yield* tellAgent(self, { id: causation }, agent, { type: "Admit", session, incarnation });
    }
  }
  const leaves = said.type === "Hello" || said.type === "Goodbye";
  const measured = leaves ? yield* measureAgent(self.own, self.journal.state, agent) : undefined;
  yield* decideAndRecord(self, { type: "Report", agent, report: said, intervals: 0 }, causation, measured);
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
  yield* declareSilent(self, now);
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

/** Tells a session that is no member so, but not with every heartbeat. */
const answer = Effect.fnUntraced(function* (self: Zone, agent: string, session: string) {
  const { options, own, answeredMs } = self;
  const now = self.clock.elapsedMs();
  for (const [name, atMs] of answeredMs) if (now - atMs > limits.ANSWER_EVERY_MS) answeredMs.delete(name);
  const said = answerBeat(self.journal.state, agent, session);
  if (said === undefined || answeredMs.has(agent)) return;
  answeredMs.set(agent, now);
  yield* own.admin.durable("agent", options.zone, agent);
  yield* tellAgent(self, { id: `${options.zone}/${session}/${said.type}/${self.clock.now()}` }, agent, said);
});

const declareSilent = Effect.fnUntraced(function* (self: Zone, now: number) {
  if (now - self.ownHeardMs > limits.OWN_STALL_MS) return;
  for (const { agent } of liveAgents(self.journal.state)) {
    const heard = self.heard.get(agent) ?? { session: "", atMs: now };
    self.heard.set(agent, heard);
    const silentMs = now - heard.atMs;
    if (silentMs < limits.AGENT_SILENT_MS) continue;
    const measured = yield* measureAgent(self.own, self.journal.state, agent);
    const reason = `no heartbeat for ${(silentMs / 1000).toFixed(1)} s`;
    yield* decideAndRecord(self, { type: "Silent", agent, reason }, "", measured);
  }
});
