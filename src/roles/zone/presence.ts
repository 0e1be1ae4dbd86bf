/**
 * Who is alive: the zone says so to its parent and to its agents, and hears both. Liveness of agents is judged by this
 * zone's own monotonic time since their last heartbeat message, in `handle.ts`.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { Beat } from "../../../streams/messages/live.ts";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { liveAgents } from "../../domain/zone/state.ts";
import { ServerError } from "../../ports/server.ts";
import { outgoing } from "../outgoing.ts";
import { readBody } from "../read-body.ts";
import type { Zone } from "./self.ts";
import { BEAT_EVERY, OWN_STALL_MS } from "./limits.ts";

/** To the parent, twice a second. */
export const beat = (self: Zone) =>
  Effect.suspend(() => {
    const { zone, session, program, host, pid } = self.options;
    const { state } = self.journal;
    const runs = Object.values(state.shares).filter(({ forgotten }) => !forgotten);
    const body = {
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
      })),
    };
    return self.upper.live.tell(
      subjects.zoneBeat(zone),
      outgoing({ id: "", time: self.hubClock.now(), actor: zone }, body),
    );
  }).pipe(Effect.andThen(Effect.sleep(BEAT_EVERY)), Effect.forever);

/** To the agents, twice a second, with how long the zone itself has heard nothing. */
export const pulse = (self: Zone) =>
  Effect.suspend(() => {
    const { zone } = self.options;
    const { incarnation } = self.journal.state;
    const body = {
      type: "Pulse",
      node: zone,
      incarnation,
      silentMs: Math.round(self.clock.elapsedMs() - self.rootHeardMs),
    };
    return self.own.live.tell(
      subjects.zonePulse(zone),
      outgoing({ id: "", time: self.clock.now(), actor: zone }, body),
    );
  }).pipe(Effect.andThen(Effect.sleep(BEAT_EVERY)), Effect.forever);

export const hearRoot = (self: Zone) =>
  self.upper.live.hear(subjects.rootPulse(), ({ envelope }) =>
    Effect.sync(() => {
      if (envelope.type === "Pulse") self.rootHeardMs = self.clock.elapsedMs();
    }),
  );

/** What root's log covers of the zone's own intervals. */
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
    }),
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

/** Heartbeats that could not arrive must not count against the agents. */
export function excuse(self: Zone, gapMs: number): void {
  for (const [agent, { session, atMs }] of self.heard) {
    self.heard.set(agent, { session, atMs: Math.min(self.clock.elapsedMs(), atMs + gapMs) });
  }
}
