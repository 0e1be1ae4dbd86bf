/** What a zone tells its agents because of an event. Pure, so a coordinator that takes over says the same again. */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Part, ZoneState } from "./state.ts";

export interface AgentInstruction {
  readonly agent: string;
  readonly command: NodeCommand;
}

export function instruct(state: ZoneState, event: ZoneEvent): readonly AgentInstruction[] {
  switch (event.type) {
    case "AgentJoined":
      return [
        {
          agent: event.agent,
          command: { type: "Admit", session: event.session, incarnation: event.incarnation },
        },
      ];
    case "AgentRefused":
      return [
        { agent: event.agent, command: { type: "Refuse", session: event.session, reason: event.reason } },
      ];
    case "ShareDivided": {
      const plan = state.shares[event.run]?.plan;
      if (plan === undefined) return [];
      return event.parts.map(({ agent, incarnation, share, workers }) => ({
        agent,
        command: { type: "AssignShare", run: event.run, plan, share, agents: 1, workers, incarnation },
      }));
    }
    case "ShareStopping":
      return toParts(state, event.run, ({ incarnation }) => ({
        type: "StopRun",
        run: event.run,
        cause: event.cause,
        incarnation,
      }));
    case "ShareForgotten":
      return toParts(state, event.run, () => ({ type: "ForgetRun", run: event.run }));
    default:
      return [];
  }
}

const toParts = (
  state: ZoneState,
  run: string,
  commandFor: (part: Part) => NodeCommand,
): readonly AgentInstruction[] =>
  (state.shares[run]?.parts ?? []).map((part) => ({ agent: part.agent, command: commandFor(part) }));
