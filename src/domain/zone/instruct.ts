/**
 * What a zone tells its agents and the zones below it because of an event. Pure, so a coordinator that takes over says the
 * same again.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Share } from "../../../streams/schema/share.ts";
import { divideGuards } from "../guard/ceilings.ts";
import type { Part, ShareState, ZoneState } from "./state.ts";

export interface AgentInstruction {
  readonly agent: string;
  readonly command: NodeCommand;
}

/** A command about a run. */
export type RunCommand = NodeCommand & { readonly run: string };

export interface ChildInstruction {
  readonly child: string;
  readonly command: RunCommand;
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

/** The start says nothing here of what setups returned: that is not in the log. */
export function instructChildren(state: ZoneState, event: ZoneEvent): readonly ChildInstruction[] {
  const share = "run" in event && event.run !== undefined ? state.shares[event.run] : undefined;
  if (share === undefined) return [];
  const { run } = share;
  switch (event.type) {
    case "ShareDivided":
      return (event.zones ?? []).map(({ zone, share: part, agents }) => ({
        child: zone,
        command: {
          type: "AssignShare",
          run,
          plan: share.plan,
          share: part,
          agents,
          workers: 0,
          ...(share.actor === undefined ? {} : { actor: share.actor }),
          ...railsFor(share, part),
        },
      }));
    case "ShareStarted": {
      const { startAt: hubStartAt, zoneStartAt: startAt } = event;
      return toChildren(share, { type: "StartRun", run, startAt, hubStartAt });
    }
    case "ShareStopping":
      return toChildren(share, { type: "StopRun", run, cause: event.cause });
    case "ShareForgotten":
      return toChildren(share, { type: "ForgetRun", run });
    default:
      return [];
  }
}

const toChildren = ({ children }: ShareState, command: RunCommand): readonly ChildInstruction[] =>
  children.map(({ zone }) => ({ child: zone, command }));

const toParts = (
  state: ZoneState,
  run: string,
  commandFor: (part: Part) => NodeCommand,
): readonly AgentInstruction[] =>
  (state.shares[run]?.parts ?? []).map((part) => ({ agent: part.agent, command: commandFor(part) }));
