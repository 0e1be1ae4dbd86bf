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
import type { ServerError, Stored } from "../../ports/server.ts";
import { followZone } from "../follow-zone.ts";
import { HEARD_WITHIN_MS } from "../heard-zones.ts";
import { beatReader, type Heartbeat } from "../read-beat.ts";
import type { Input, Zone } from "./self.ts";

/** Hears the zones below, and follows each from the first time it is heard; those of open shares, whether they are or not. */
export const hearChildren = (self: Zone): Effect.Effect<never, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { own, options } = self;
    const scope = yield* Effect.scope;
    const pattern = patterns.childBeats(options.zone);
    const read = beatReader(options.note);
    const followed = new Set<string>();
    const followOnce = (child: string): Effect.Effect<void> => {
      if (followed.has(child)) return Effect.void;
      followed.add(child);
      return follow(self, child).pipe(Effect.forkIn(scope), Effect.asVoid);
    };
    const hear = (said: Heartbeat) => {
      const beat = read(said);
      if (beat === undefined) return Effect.void;
      const heard = self.children.hear(beat);
      if (heard === "refused")
        options.note(`zone ${beat.node} speaks protocol ${beat.protocol}; it is not used`);
      if (heard === "new") return followOnce(beat.node);
      return tellStrays(self, beat);
    };
    // What they have said may be all that there will be: a zone may have been switched off since.
    const named = openShares(self).flatMap(({ children }) => children.map(({ zone }) => zone));
    yield* Effect.forEach(named, followOnce, { discard: true });
    // What was said just before this coordinator began counts, too: nobody waits for the next heartbeat.
    const past = yield* own.log.read({ asset: "zoneLive", zone: options.zone }, [pattern]);
    const isFresh = ({ at }: Stored) => self.clock.now() - at < HEARD_WITHIN_MS * 1000;
    yield* Effect.forEach(past.filter(isFresh), hear, { discard: true });
    return yield* own.live.hear(pattern, hear);
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

/** What zones below could take of a share that waits; not looked for where none does. */
export function offersOf(self: Zone): readonly ChildOffer[] {
  const waits = openShares(self).some((share) => !isDivided(share) && share.stopping === undefined);
  return waits ? self.children.beats().map((beat) => offerOf(self, beat)) : [];
}

/** Its own idle agents first, as it takes them itself; less those that a share takes of which it has not heard yet. */
function offerOf(self: Zone, { agents, below = [], node, runs }: Beat): ChildOffer {
  const heard = below.filter(({ silentMs }) => silentMs < HEARD_WITHIN_MS);
  const cores = [agents, ...heard.map((zone) => zone.agents)].flatMap((each) =>
    each.filter(({ busy }) => busy !== true).map((agent) => agent.cores),
  );
  const promised = openShares(self)
    .filter(({ run }) => !runs.includes(run))
    .flatMap(({ children }) => children.filter(({ zone }) => zone === node))
    .reduce((sum, { agentsNeeded }) => sum + agentsNeeded, 0);
  return { zone: node, cores: cores.slice(promised) };
}

/** Idle agents in all zones below. */
export const idleBelow = (self: Zone): number =>
  offersOf(self).reduce((sum, { cores }) => sum + cores.length, 0);

/** The tree below, for the node above: each zone before those below itself. */
export const below = (self: Zone): readonly ZoneBelow[] =>
  self.children.beats().flatMap((beat): readonly ZoneBelow[] => {
    const { agents, host, incarnation, node: zone, pid, program, protocol, runs } = beat;
    const silentMs = Math.round(self.children.silentMs(zone));
    const said = { incarnation, protocol, program, host, pid, runs, agents, silentMs };
    return [
      { zone, parent: self.options.zone, ...said },
      ...(beat.below ?? []).map((each) => ({ ...each, silentMs: each.silentMs + silentMs })),
    ];
  });
