/**
 * Commands of root, or of the zone above: only of the newest epoch that was heard, and not after they have expired. What a
 * share needs is here before it is assigned, and what the zone's owner holds it to is written with it.
 */
import * as Effect from "effect/Effect";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import { hasHash } from "../../domain/guard/bundle-hash.ts";
import { type ShareRails, shareRails } from "../../domain/guard/share-rails.ts";
import { lingersUntil } from "../../domain/zone/lingering.ts";
import { childOf } from "../../domain/zone/state.ts";
import type { Delivery } from "../../ports/server.ts";
import { knownServers } from "../control-plane.ts";
import { bundleOf } from "../object-names.ts";
import { readBody } from "../read-body.ts";
import { setOnce } from "../sync.ts";
import { isTooLate } from "../too-late.ts";
import { fetchObjects } from "./objects.ts";
import { decideAndRecord } from "./record.ts";
import { syncOf, type Zone } from "./self.ts";
import { sayUnderNewLeader, tellAgent, tellChild } from "./tell.ts";

export const command = Effect.fnUntraced(function* (self: Zone, delivery: Delivery) {
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
