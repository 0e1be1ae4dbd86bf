/**
 * What a zone tells its agents and the zones below it because of its events, and tells them again when it starts over or
 * another root leads.
 */
import * as Effect from "effect/Effect";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { instruct, instructChildren, type RunCommand } from "../../domain/zone/instruct.ts";
import type { Asked } from "../../ports/server.ts";
import type { Recorded } from "../journal.ts";
import { fillLinks, zoneObjects } from "../link-store.ts";
import { openLink } from "../open-link.ts";
import { outgoing } from "../outgoing.ts";
import { getOnce } from "../sync.ts";
import { COMMAND_EXPIRES_US } from "./limits.ts";
import { syncOf, type Zone } from "./self.ts";

/** Tells everybody below what an event means for them. */
export const tellOf = Effect.fnUntraced(function* (self: Zone, recorded: Recorded<ZoneEvent>) {
  const { state } = self.journal;
  yield* Effect.forEach(
    instruct(state, recorded.event),
    ({ agent, command }) => tellAgent(self, recorded, agent, command),
    { discard: true, concurrency: 64 },
  );
  yield* Effect.forEach(
    instructChildren(state, recorded.event),
    ({ child, command }) => tellChild(self, recorded, child, command),
    { discard: true, concurrency: 64 },
  );
});

/**
 * The durable must be there before the first message for its agent, so that the agent finds both; a zone below finds its
 * link, and all that the run needs in it.
 */
export const prepare = (self: Zone, event: ZoneEvent): Asked<void> => {
  switch (event.type) {
    case "AgentJoined":
    case "AgentRefused":
      return self.own.admin.durable("agent", self.options.zone, event.agent);
    case "ShareDivided":
      return openLinks(self, event.run, event.zones ?? []);
    default:
      return Effect.void;
  }
};

const openLinks = Effect.fnUntraced(function* (
  { journal, options, own }: Zone,
  run: string,
  children: readonly { readonly zone: string }[],
) {
  const zones = children.map(({ zone }) => zone);
  yield* Effect.forEach(zones, (zone) => openLink(own, zone), { discard: true, concurrency: "unbounded" });
  const share = journal.state.shares[run];
  // Everybody has what they need once a run has started.
  if (zones.length === 0 || share?.startAt !== undefined || share === undefined) return;
  yield* fillLinks(own, zoneObjects(options.zone, run, share.plan), zones).pipe(
    // A zone that lacks something says so, and that ends this run; nothing else need end with it.
    Effect.catch(({ message }) => Effect.sync(() => options.note(`run ${run}: ${message}`))),
  );
});

/** Sends a command to an agent; `cause` gives it its id, so that saying it again says it once. */
export function tellAgent(self: Zone, cause: { readonly id: string }, agent: string, command: NodeCommand) {
  const { zone } = self.options;
  const run = "run" in command ? command.run : undefined;
  const time = self.clock.now();
  const header = {
    id: `${cause.id}.${agent}`,
    time,
    expires: time + COMMAND_EXPIRES_US,
    actor: zone,
    epoch: self.epoch,
    correlation: run ?? agent,
    causation: cause.id,
  };
  const subject = subjects.agentCommand(zone, agent, run ?? "-", command.type);
  return self.own.log.append(subject, outgoing(header, command));
}

/** The same for a zone below; the start has with it what setups returned, as it lies in this zone's store. */
export const tellChild = Effect.fnUntraced(function* (
  self: Zone,
  cause: { readonly id: string },
  child: string,
  command: RunCommand,
) {
  const time = self.clock.now();
  const header = {
    id: `${cause.id}.${self.options.zone}/${child}`,
    time,
    expires: time + COMMAND_EXPIRES_US,
    actor: self.options.zone,
    epoch: self.epoch,
    correlation: command.run,
    causation: cause.id,
  };
  const whole = command.type === "StartRun" ? { ...command, ...(yield* handed(self, command.run)) } : command;
  const subject = subjects.zoneCommand(child, command.run, command.type);
  return yield* self.own.log.append(subject, outgoing(header, whole));
});

const handed = Effect.fnUntraced(function* (self: Zone, run: string) {
  const setup = yield* getOnce(syncOf(self, run), "setup");
  const setups = yield* getOnce(syncOf(self, run), "setups");
  return {
    ...(setup === undefined ? {} : { setup }),
    ...(setups === undefined ? {} : { setups: setups as Readonly<Record<string, unknown>> }),
  };
});

const STANDING = ["ShareDivided", "ShareStarted", "ShareStopping"] as const;
type Standing = ZoneEvent & { readonly type: (typeof STANDING)[number] };

const isStanding = (event: ZoneEvent): event is Standing => STANDING.some((type) => type === event.type);

/** Keeps what agents and zones below must know of a live share, and lets go of it with the share. */
export function noteStanding({ standing }: Zone, recorded: Recorded<ZoneEvent>): void {
  const { event } = recorded;
  if (event.type === "AgentJoined") standing.set(`${event.type} ${event.agent}`, recorded);
  if (event.type === "AgentLeft") standing.delete(`AgentJoined ${event.agent}`);
  if (event.type === "AgentLost" && event.loss.zone === undefined)
    standing.delete(`AgentJoined ${event.loss.agent}`);
  if (isStanding(event)) standing.set(`${event.type} ${event.run}`, recorded);
  if (event.type !== "ShareForgotten") return;
  for (const type of STANDING) standing.delete(`${type} ${event.run}`);
}

/**
 * Another root leads. A command that an agent could not take yet comes again under the epoch of the past, and would be
 * refused then; so whatever still holds is said under the new one.
 */
export const sayUnderNewLeader = (self: Zone): Asked<void> =>
  Effect.forEach(
    [...self.standing.values()],
    (recorded) => sayAgain(self, { ...recorded, id: `${recorded.id}.${self.epoch}` }),
    { discard: true },
  );

/**
 * The earlier coordinator may have ended between an event and its commands. Ids repeat, and agents take a share only
 * once, so saying it again is harmless; but only to the incarnation that was meant. Zones below are told all that holds.
 */
export const sayAgain = (self: Zone, recorded: Recorded<ZoneEvent>): Asked<void> => {
  const { event } = recorded;
  const { agents, shares } = self.journal.state;
  const isNow = (agent: string, incarnation: number | undefined) =>
    agents[agent]?.live === true && agents[agent].incarnation === incarnation;
  const share = isStanding(event) ? shares[event.run] : undefined;
  const meant = (agent: string) =>
    event.type === "AgentJoined"
      ? isNow(agent, event.incarnation)
      : share?.forgotten === false &&
        isNow(agent, share.parts.find((part) => part.agent === agent)?.incarnation);
  const still = instruct(self.journal.state, event).filter(({ agent }) => meant(agent));
  const below = share?.forgotten === false ? instructChildren(self.journal.state, event) : [];
  if (still.length + below.length === 0) return Effect.void;
  return Effect.andThen(
    prepare(self, event),
    Effect.andThen(
      Effect.forEach(still, ({ agent, command }) => tellAgent(self, recorded, agent, command), {
        discard: true,
      }),
      Effect.forEach(below, ({ child, command }) => tellChild(self, recorded, child, command), {
        discard: true,
      }),
    ),
  );
};
