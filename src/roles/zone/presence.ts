/**
 * Who is alive: the zone says so to its parent and to its agents, and hears both. Liveness of agents is judged by this
 * zone's own monotonic time since their last heartbeat message, in `agents.ts`.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { Beat } from "../../../streams/messages/live.ts";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { idleAgents, liveAgents } from "../../domain/zone/state.ts";
import { fittingBeat } from "../../domain/zone/fitting-beat.ts";
import { ServerError } from "../../ports/server.ts";
import { passOver } from "../from-below.ts";
import { outgoing } from "../outgoing.ts";
import { readBody } from "../read-body.ts";
import { below } from "./children.ts";
import { beatSubject, type Zone } from "./self.ts";
import { BEAT_EVERY, OWN_STALL_MS } from "./limits.ts";

/** To the parent, twice a second. One that does not fit into a message is said so, once, and the zone goes on. */
export const beat = (self: Zone) => {
  let told = "";
  const note = (line: string) => {
    if (line !== told) self.options.note(line);
    told = line;
  };
  return Effect.suspend(() => {
    const header = { id: "", time: self.upperClock.now(), actor: self.options.zone };
    return self.upper.live.tell(beatSubject(self.options), outgoing(header, fittingBeat(beatOf(self)))).pipe(
      Effect.catchIf(
        ({ reason }) => reason === "too-large",
        ({ message }) => Effect.sync(() => note(message)),
      ),
    );
  }).pipe(Effect.andThen(Effect.sleep(BEAT_EVERY)), Effect.forever);
};

function beatOf(self: Zone): Beat {
  const { zone, parent, session, program, host, pid } = self.options;
  const { state } = self.journal;
  const runs = Object.values(state.shares).filter(({ forgotten }) => !forgotten);
  const idle = new Set(idleAgents(state).map(({ agent }) => agent));
  const zones = below(self);
  return {
    type: "Beat",
    node: zone,
    session,
    incarnation: state.incarnation,
    protocol: PROTOCOL,
    program,
    host,
    pid,
    runs: runs.map(({ run }) => run),
    agents: liveAgents(state).map(({ agent, incarnation, cores, host: where }) => ({
      agent,
      incarnation,
      cores,
      host: where,
      ...(idle.has(agent) ? {} : { busy: true }),
    })),
    ...(parent === undefined ? {} : { parent }),
    ...(zones.length === 0 ? {} : { below: zones }),
  };
}

/** To the agents and the zones below, twice a second, with how long the zone itself has heard nothing. */
export const pulse = (self: Zone) =>
  Effect.suspend(() => {
    const { zone } = self.options;
    const { incarnation } = self.journal.state;
    const body = {
      type: "Pulse",
      node: zone,
      incarnation,
      silentMs: Math.round(self.clock.elapsedMs() - self.aboveHeardMs),
      ...(self.above.length === 0 ? {} : { above: self.above }),
    };
    return self.own.live.tell(
      subjects.zonePulse(zone),
      outgoing({ id: "", time: self.clock.now(), actor: zone }, body),
    );
  }).pipe(Effect.andThen(Effect.sleep(BEAT_EVERY)), Effect.forever);

/** Root, or the zone above: that one says for how long it has heard nothing itself, and who is above it. */
export const hearUpper = (self: Zone) => {
  const { note, parent, zone } = self.options;
  const subject = parent === undefined ? subjects.rootPulse() : subjects.zonePulse(parent);
  return self.upper.live.hear(subject, ({ envelope, data }) =>
    Effect.suspend(() => {
      const heard = envelope.type === "Pulse" ? readBody("pulse", { envelope, data }, note) : undefined;
      if (heard === undefined) return Effect.void;
      self.aboveHeardMs = Math.max(self.aboveHeardMs, self.clock.elapsedMs() - heard.silentMs);
      if (parent === undefined) return Effect.void;
      self.above = [parent, ...(heard.above ?? [])];
      return self.above.includes(zone) ? circular(zone, self.above) : Effect.void;
    }),
  );
};

const circular = (zone: string, above: readonly string[]) => {
  const path = [zone, ...above.slice(0, above.indexOf(zone) + 1)].join(" below ");
  const detail = `zones are below each other in a circle (${path}): start one of them without --parent`;
  return Effect.fail(new ServerError({ operation: "coordinate", address: zone, reason: "refused", detail }));
};

/** What the log above covers of the zone's own intervals. */
export const hearThrough = (self: Zone) =>
  self.upper.live.hear(patterns.zoneThrough(self.options.zone), (message) => {
    if (message.envelope.type !== "Through") return Effect.void;
    const through = readBody("through", message, self.options.note);
    return through === undefined
      ? Effect.void
      : Queue.offer(self.mailbox, { type: "Covered", through }).pipe(Effect.asVoid);
  });

export const hearAgents = (self: Zone) =>
  self.own.live.hear(patterns.agentBeats(self.options.zone), ({ subject, envelope, data }) =>
    Effect.sync(() => {
      if (envelope.type !== "Beat") return;
      const beat = readBody("beat", { envelope, data }, self.options.note);
      const { agent } = parseSubject(subject) ?? {};
      if (agent !== undefined && beat !== undefined) hearAgent(self, agent, beat);
    }).pipe(passOver(`a heartbeat on ${subject}`, self.options.note)),
  );

/** Only the session that is the member keeps it alive; another one that thinks it is, is told. */
function hearAgent(self: Zone, agent: string, { session, member }: Beat): void {
  const known = self.journal.state.agents[agent];
  if (known?.live === true && known.session === session) {
    self.heard.set(agent, { session, atMs: self.clock.elapsedMs() });
  } else if (member !== false) Queue.offerUnsafe(self.mailbox, { type: "Stranger", agent, session });
}

/**
 * The zone listens to itself: a gap in its own voice is the server's, and is not held against the agents. When a later
 * incarnation speaks, this coordinator is replaced, and ends before it takes a command that is not for it.
 */
export const hearOwn = (self: Zone) =>
  self.own.live.hear(subjects.zonePulse(self.options.zone), ({ envelope, data }) =>
    Effect.suspend(() => {
      const heard =
        envelope.type === "Pulse" ? readBody("pulse", { envelope, data }, self.options.note) : undefined;
      if (heard !== undefined && heard.incarnation > self.journal.state.incarnation) return replaced(self);
      const now = self.clock.elapsedMs();
      const gapMs = now - self.ownHeardMs;
      self.ownHeardMs = now;
      if (gapMs > OWN_STALL_MS) excuse(self, gapMs);
      return Effect.void;
    }),
  );

const replaced = ({ options: { zone } }: Zone) =>
  Effect.fail(
    new ServerError({
      operation: "coordinate",
      address: zone,
      reason: "conflict",
      detail: "a later incarnation speaks",
    }),
  );

/** Heartbeats that could not arrive must not count against the agents, nor against the zones below. */
export function excuse(self: Zone, gapMs: number): void {
  self.children.excuse(gapMs);
  for (const [agent, { session, atMs }] of self.heard) {
    self.heard.set(agent, { session, atMs: Math.min(self.clock.elapsedMs(), atMs + gapMs) });
  }
}
