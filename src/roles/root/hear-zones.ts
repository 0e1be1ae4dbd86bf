/**
 * Hears the zones' heartbeats: the first one sets up the zone's link, and a run that a zone still names although it is
 * over is forgotten there, because the word that said so may have been lost with an earlier root.
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { assets } from "../../../streams/assets.ts";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Beat } from "../../../streams/messages/live.ts";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { isNews, type ZoneWord } from "../../domain/mesh/decide.ts";
import { MESH_FACTS } from "../../domain/mesh/from-zone.ts";
import type { Asked, Server, ServerError } from "../../ports/server.ts";
import { eraseValues } from "../erase-values.ts";
import { followZone } from "../follow-zone.ts";
import { hearZonesBelow } from "../hear-zones-below.ts";
import { outgoing } from "../outgoing.ts";
import * as limits from "./limits.ts";
import { offer, type Root } from "./self.ts";

/** Hears the zones; those of open runs are followed whether they are heard or not. */
export const hearZones = (self: Root): Effect.Effect<never, ServerError, Scope.Scope> =>
  Effect.suspend(() => {
    const { clock, server } = self.tenure;
    return hearZonesBelow({
      server,
      where: { asset: "hubLive", zone: "" },
      pattern: patterns.zoneBeats,
      zones: self.zones,
      now: clock.now,
      note: self.options.note,
      // One that is below another zone is that one's affair, whoever it tells that it lives.
      isOwn: ({ parent }) => parent === undefined,
      follow: (zone) => follow(self, zone),
      named: zonesOfRuns(self),
      onBeat: (beat, at) => Effect.andThen(tellNews(self, beat, at), forgetStrays(self, beat)),
    });
  });

/** The mailbox looks again: this only keeps two words a second of every zone, and of those below it, out of it. */
const tellNews = (self: Root, beat: Beat, at: number): Effect.Effect<void> => {
  const { journal, news } = self.mesh;
  const teller = beat.node;
  if (!news.hasRoom(teller, self.tenure.clock.now())) return Effect.void;
  const told = wordsIn(self, beat, at)
    .map((heard) => ({ ...heard, teller }))
    .filter((heard) => isNews(journal.state, heard));
  return Effect.forEach(told, (heard) => offer(self, { type: "Heard", ...heard }), { discard: true });
};

/** A zone's own word, and those of the zones below it as it tells them; one that it has not heard for long says nothing. */
function wordsIn({ zones }: Root, { below = [], host, node, program, protocol }: Beat, at: number) {
  const inner = below
    .filter(({ silentMs, zone }) => silentMs < limits.SILENT_AFTER_MS && zones.tellsOf(node, zone))
    .map(({ silentMs, ...each }) => ({ word: wordOf(each), at: Math.max(0, at - silentMs * 1000) }));
  return [{ word: wordOf({ zone: node, program, protocol, host }), at }, ...inner];
}

const wordOf = ({ host, parent, program, protocol, zone }: ZoneWord): ZoneWord => ({
  zone,
  program,
  protocol,
  host,
  ...(parent === undefined ? {} : { parent }),
});

const follow = (self: Root, zone: string): Effect.Effect<never> =>
  followZone({
    server: self.tenure.server,
    zone,
    fromStart: () =>
      [...self.runs.values()].some(({ journal }) =>
        journal.state.plan?.zones.some((each) => each.zone === zone),
      ),
    missed: {
      types: MESH_FACTS,
      after: () => self.mesh.journal.state.copied[assets.upEvents.name(zone)] ?? 0,
    },
    note: self.options.note,
    handle: (message) => offer(self, message),
  });

const zonesOfRuns = ({ runs }: Root): readonly string[] =>
  [...runs.values()].flatMap(({ journal }) => journal.state.zones.map(({ zone }) => zone));

const forgetStrays = (self: Root, beat: Beat): Effect.Effect<void> => {
  const strays = self.zones.strays(beat, (run) => self.runs.has(run));
  return Effect.forEach(strays, (run) => forgetStray(self, beat.node, run), { discard: true }).pipe(
    // It is tried again with one of the next heartbeats.
    Effect.catchTag("ServerError", ({ message }) => Effect.sync(() => self.options.note(message))),
  );
};

const forgetStray = Effect.fnUntraced(function* (self: Root, zone: string, run: string) {
  const { server } = self.tenure;
  if (yield* isOver(server, run)) {
    yield* tellToForget(self, zone, run);
    yield* eraseValues(server, run, [zone]);
  }
  self.zones.seenTo(zone, run);
});

/** A run with a verdict, or one whose log was removed; a log without a verdict may be open under a newer root. */
const isOver = (server: Server, run: string): Asked<boolean> =>
  server.admin
    .subjects({ asset: "runEvents", zone: "" }, subjects.runLog(run))
    .pipe(
      Effect.map((found) => found.length === 0 || found.includes(subjects.runEvent(run, "VerdictGiven"))),
    );

const tellToForget = ({ tenure }: Root, zone: string, run: string): Asked<number> => {
  const { server, clock, epoch, name } = tenure;
  const command: NodeCommand = { type: "ForgetRun", run };
  const time = clock.now();
  const expires = time + limits.COMMAND_EXPIRES_US;
  const header = { id: `${run}.stray.${zone}.${epoch}`, time, actor: name, epoch, correlation: run, expires };
  return server.log.append(subjects.zoneCommand(zone, run, "ForgetRun"), outgoing(header, command));
};
