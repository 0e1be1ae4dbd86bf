/**
 * The agents, as a zone hears them: what they report, who is told that it is no member, and who is given up. Their
 * heartbeats are heard in `presence.ts`.
 */
import * as Effect from "effect/Effect";
import type { Report } from "../../../streams/messages/report.ts";
import { parseSubject } from "../../../streams/subjects.ts";
import { answerBeat } from "../../domain/agent/membership.ts";
import { kindOf } from "../../domain/run/stages.ts";
import { liveAgents } from "../../domain/zone/state.ts";
import type { Delivery } from "../../ports/server.ts";
import { readWord } from "../from-below.ts";
import * as limits from "./limits.ts";
import { measureAgent } from "./measure.ts";
import { decideAndRecord } from "./record.ts";
import type { Zone } from "./self.ts";
import { tellAgent } from "./tell.ts";
import { agentSource } from "./zone-intervals.ts";

export const report = Effect.fnUntraced(function* (self: Zone, delivery: Delivery) {
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

/** Tells a session that is no member so, but not with every heartbeat. */
export const answer = Effect.fnUntraced(function* (self: Zone, agent: string, session: string) {
  const { options, own, answeredMs } = self;
  const now = self.clock.elapsedMs();
  for (const [name, atMs] of answeredMs) if (now - atMs > limits.ANSWER_EVERY_MS) answeredMs.delete(name);
  const said = answerBeat(self.journal.state, agent, session);
  if (said === undefined || answeredMs.has(agent)) return;
  answeredMs.set(agent, now);
  yield* own.admin.durable("agent", options.zone, agent);
  yield* tellAgent(self, { id: `${options.zone}/${session}/${said.type}/${self.clock.now()}` }, agent, said);
});

export const declareSilentAgents = Effect.fnUntraced(function* (self: Zone, now: number) {
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
