/**
 * Membership: when an agent is in a zone, under which incarnation, and when it is not any more. An agent that comes
 * back is a new incarnation: what the old one had is lost, never mixed with what the new one will do.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { AgentLoss } from "../../../streams/schema/finish.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { cutTexts, NAME_MAX } from "../log/bounded.ts";
import { CORES_MAX } from "../zone/bounded-beat.ts";
import { isPartSettled, type ZoneState } from "../zone/state.ts";

type Hello = Report & { readonly type: "Hello" };

/** `measured` tells what the merged intervals of an agent hold for a run. */
export type Measured = (
  run: string,
  agent: string,
  incarnation: number,
) => Pick<AgentLoss, "tallies" | "intervals" | "lastWindow">;

export function hello(
  state: ZoneState,
  agent: string,
  report: Hello,
  measured: Measured,
): readonly ZoneEvent[] {
  const known = state.agents[agent];
  if (known?.session === report.session && known.live) return [];
  if (report.protocol !== PROTOCOL) {
    const reason = `agent speaks protocol ${report.protocol}, this zone ${PROTOCOL}: install the same version of Mesh on both`;
    return [{ type: "AgentRefused", agent, session: report.session, reason }];
  }
  const incarnation = (known?.incarnation ?? state.incarnationsForgotten) + 1;
  const { session, labels } = report;
  const cores = Math.min(report.cores, CORES_MAX);
  const host = cutTexts(report.host, NAME_MAX);
  const joined: ZoneEvent = { type: "AgentJoined", agent, session, incarnation, cores, host, labels };
  return known?.live === true ? [...lose(state, agent, "it was started again", measured), joined] : [joined];
}

export function goodbye(
  state: ZoneState,
  agent: string,
  incarnation: number,
  measured: Measured,
): readonly ZoneEvent[] {
  const known = state.agents[agent];
  if (known?.live !== true || known.incarnation !== incarnation) return [];
  const losses = lossesIn(state, agent, "it left in the middle of the run", measured);
  return losses.length > 0 ? losses : [{ type: "AgentLeft", agent, incarnation }];
}

/** What to tell the session of a heartbeat: nothing to a member, else that it is not one (any more). */
export function answerBeat(state: ZoneState, agent: string, session: string): NodeCommand | undefined {
  const known = state.agents[agent];
  if (known?.live !== true) return { type: "Rejoin", session };
  if (known.session === session) return undefined;
  const reason = `another agent with the name ${agent} joined zone ${state.zone}: give each agent a name of its own`;
  return { type: "Refuse", session, reason };
}

/** An agent is gone: one event per run in which it still owed something, or one without a run. */
export function lose(
  state: ZoneState,
  agent: string,
  reason: string,
  measured: Measured,
): readonly ZoneEvent[] {
  const known = state.agents[agent];
  if (known?.live !== true) return [];
  const losses = lossesIn(state, agent, reason, measured);
  if (losses.length > 0) return losses;
  const { incarnation } = known;
  return [
    { type: "AgentLost", loss: { agent, incarnation, reason, tallies: {}, intervals: 0, lastWindow: -1 } },
  ];
}

function lossesIn(state: ZoneState, agent: string, reason: string, measured: Measured): readonly ZoneEvent[] {
  return Object.values(state.shares).flatMap((share): ZoneEvent[] => {
    const part = share.parts.find((candidate) => candidate.agent === agent);
    if (part === undefined || share.forgotten || isPartSettled(share, part)) return [];
    const { incarnation } = part;
    return [
      {
        type: "AgentLost",
        run: share.run,
        loss: { agent, incarnation, reason, ...measured(share.run, agent, incarnation) },
      },
    ];
  });
}
