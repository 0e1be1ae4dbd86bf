/**
 * The zones below, as a zone hears them: it opens the link of each from the first time that it is heard and follows what
 * comes up; what they offer a share; and what the zone says of them to the node above.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import { assets } from "../../../streams/assets.ts";
import type { Beat, ZoneBelow } from "../../../streams/messages/live.ts";
import { patterns } from "../../../streams/subjects.ts";
import type { ChildOffer } from "../../domain/zone/divide.ts";
import { isDivided } from "../../domain/zone/state.ts";
import type { ServerError } from "../../ports/server.ts";
import { followZone } from "../follow-zone.ts";
import { hearZonesBelow } from "../hear-zones-below.ts";
import { HEARD_WITHIN_MS } from "../heard-zones.ts";
import type { Input, Zone } from "./self.ts";

/** Hears the zones below; those of open shares are followed whether they are heard or not. */
export const hearChildren = (self: Zone): Effect.Effect<never, ServerError, Scope.Scope> =>
  Effect.suspend(() => {
    const { children, options, own } = self;
    return hearZonesBelow({
      server: own,
      where: { asset: "zoneLive", zone: options.zone },
      pattern: patterns.childBeats(options.zone),
      zones: children,
      now: () => self.clock.now(),
      note: options.note,
      isOwn: () => true,
      follow: (child) => follow(self, child),
      named: openShares(self).flatMap((share) => share.children.map(({ zone }) => zone)),
      onBeat: (beat) => tellStrays(self, beat),
    });
  });

const offer = (self: Zone, input: Input): Effect.Effect<void> =>
  Queue.offer(self.mailbox, input).pipe(Effect.asVoid);

const follow = (self: Zone, child: string): Effect.Effect<never> =>
  followZone({
    server: self.own,
    zone: child,
    fromStart: () => openShares(self).some(({ children }) => children.some(({ zone }) => zone === child)),
    missed: {
      types: ["AccessRefused"],
      after: () => self.journal.state.copied[assets.upEvents.name(child)] ?? 0,
    },
    note: self.options.note,
    handle: (message) => offer(self, message),
  });

const openShares = ({ journal }: Zone) =>
  Object.values(journal.state.shares).filter(({ forgotten }) => !forgotten);

/** A run that a zone below still names although it is over here: the word that said so may have been lost. */
const tellStrays = (self: Zone, beat: Beat): Effect.Effect<void> => {
  const isOpen = (run: string) => openShares(self).some((share) => share.run === run);
  const strays = self.children.strays(beat, isOpen);
  return Effect.forEach(strays, (run) => offer(self, { type: "Stray", child: beat.node, run }), {
    discard: true,
  });
};

/** What zones below could take of a share that waits; not looked for where none does, nor for more than one needs. */
export function offersOf(self: Zone): readonly ChildOffer[] {
  const waiting = openShares(self).filter((share) => !isDivided(share) && share.stopping === undefined);
  const most = Math.max(0, ...waiting.map(({ agentsNeeded }) => agentsNeeded));
  return most === 0 ? [] : self.children.beats().map((beat) => offerOf(self, beat, most));
}

/** Its own idle agents first, as it takes them itself; less those that a share takes of which it has not heard yet. */
function offerOf(self: Zone, beat: Beat, most: number): ChildOffer {
  const { below = [], node, runs } = beat;
  const heard = below.filter(({ silentMs }) => silentMs < HEARD_WITHIN_MS);
  const promised = openShares(self)
    .filter(({ run }) => !runs.includes(run))
    .flatMap(({ children }) => children.filter(({ zone }) => zone === node))
    .reduce((sum, { agentsNeeded }) => sum + agentsNeeded, 0);
  return { zone: node, cores: idleCores([beat, ...heard], promised + most).slice(promised) };
}

/** Cores of each idle agent, of so many; of those that are only counted in no order that is known. */
function idleCores(zones: readonly Pick<Beat, "agents" | "counted">[], most: number): readonly number[] {
  const found: number[] = [];
  for (const { agents, counted = [] } of zones) {
    for (const { busy, cores } of agents) if (busy !== true) found.push(cores);
    for (const { cores, idle } of counted) {
      for (let left = Math.min(idle, most - found.length); left > 0; left -= 1) found.push(cores);
    }
  }
  return found.slice(0, most);
}

/** Idle agents in all zones below. */
export const idleBelow = (self: Zone): number =>
  offersOf(self).reduce((sum, { cores }) => sum + cores.length, 0);

/** The tree below, for the node above: each zone before those below itself. */
export const below = (self: Zone): readonly ZoneBelow[] =>
  self.children.beats().flatMap((beat): readonly ZoneBelow[] => {
    const { agents, counted, host, incarnation, node: zone, pid, program, protocol, runs } = beat;
    const silentMs = Math.max(0, Math.round(self.children.silentMs(zone)));
    const count = counted === undefined ? {} : { counted };
    const said = { incarnation, protocol, program, host, pid, runs, agents, ...count, silentMs };
    return [
      { zone, parent: self.options.zone, ...said },
      ...(beat.below ?? []).map((each) => ({ ...each, silentMs: each.silentMs + silentMs })),
    ];
  });
