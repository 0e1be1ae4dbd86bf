/** What a zone tells its agents because of an event. Pure, so a coordinator that takes over says the same again. */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Share } from "../../../streams/schema/share.ts";
import { divideGuards } from "../guard/ceilings.ts";
import type { Part, ShareState, ZoneState } from "./state.ts";

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
      const assigned = state.shares[event.run];
      if (assigned === undefined) return [];
      const { plan, run } = assigned;
      return event.parts.map(({ agent, incarnation, share, workers }) => ({
        agent,
        command: {
          type: "AssignShare",
          run,
          plan,
          share,
          agents: 1,
          workers,
          incarnation,
          ...railsFor(assigned, share),
        },
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

/** What a part is held to: its own division of the ceilings is the last of its share. */
function railsFor({ controlPlane, guards }: ShareState, share: Share) {
  const division = share.at(-1);
  return {
    ...(guards.length === 0 || division === undefined ? {} : { guards: divideGuards(guards, division) }),
    ...(controlPlane.length === 0 ? {} : { controlPlane }),
  };
}

const toParts = (
  state: ZoneState,
  run: string,
  commandFor: (part: Part) => NodeCommand,
): readonly AgentInstruction[] =>
  (state.shares[run]?.parts ?? []).map((part) => ({ agent: part.agent, command: commandFor(part) }));
