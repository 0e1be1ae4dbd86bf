/**
 * What a zone decides: who is a member, how a share is divided among them, and when its part of a run is ready and
 * finished. Liveness and merging happen outside and come in as inputs.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { lose, type Measured } from "../agent/membership.ts";
import type { ShareRails } from "../guard/share-rails.ts";
import { type ChildOffer, divide } from "./divide.ts";
import { fromAgent } from "./from-agent.ts";
import { fromChild, isNews, loseChild } from "./from-child.ts";
import type { ZoneInput } from "./input.ts";
import {
  finishesOf,
  idleAgents,
  isDivided,
  isSettled,
  membersOf,
  type ShareState,
  type ZoneState,
} from "./state.ts";

export function decide(state: ZoneState, input: ZoneInput, measured: Measured): readonly ZoneEvent[] {
  switch (input.type) {
    case "Start": {
      const { zone, parent, protocol, program } = input;
      const above = parent === undefined ? {} : { parent };
      const incarnation = state.incarnation + 1;
      return [{ type: "ZoneStarted", zone, incarnation, protocol, program, ...above }];
    }
    case "Command":
      return command(state, input);
    case "Report":
      return fromAgent(state, input, measured);
    case "Arrived":
      return arrived(state, input.run, input.agent, input.incarnation);
    case "Silent":
      return lose(state, input.agent, input.reason, measured);
    case "ChildFact":
      return fromChild(state, input);
    case "ChildSilent":
      return loseChild(state, input);
    case "WaitedLongEnough":
      return tooFew(state, input);
    case "CannotServe":
      return refuse(state, input.run, {
        kind: "script-failed",
        message: input.message,
        by: `zone ${state.zone}`,
      });
    case "Access":
      return [{ type: "AccessRefused", ...input.refusal }];
    case "Merged":
      return merged(state, input);
  }
}

/**
 * What follows from the state with nobody asking: dividing a share as soon as enough agents are idle, here or in zones
 * below (`offers`), and announcing it when everybody is ready – a coordinator may have ended between the last agent's
 * arrival and that word.
 */
export function proceed(state: ZoneState, offers: readonly ChildOffer[] = []): readonly ZoneEvent[] {
  for (const share of Object.values(state.shares)) {
    if (isReadyUnsaid(share)) return [shareReady(state, share)];
    const waiting = !isDivided(share) && share.stopping === undefined && !share.forgotten;
    const divided = waiting ? divide(state, share, offers) : undefined;
    if (divided === undefined) continue;
    const { parts, zones } = divided;
    return [{ type: "ShareDivided", run: share.run, parts, ...(zones.length === 0 ? {} : { zones }) }];
  }
  return [];
}

function command(
  state: ZoneState,
  { command: asked, rails, zoneStartAt }: ZoneInput & { readonly type: "Command" },
): readonly ZoneEvent[] {
  switch (asked.type) {
    case "AssignShare":
      return state.shares[asked.run] === undefined ? assigned(asked, rails) : [];
    case "StartRun": {
      const share = state.shares[asked.run];
      const may =
        share?.announced !== undefined && share.startAt === undefined && share.stopping === undefined;
      return may ? [shareStarted(asked, zoneStartAt)] : [];
    }
    case "StopRun": {
      const share = state.shares[asked.run];
      const may = share !== undefined && share.stopping === undefined && !share.finished;
      return may ? [{ type: "ShareStopping", run: asked.run, cause: asked.cause }] : [];
    }
    case "ForgetRun": {
      const share = state.shares[asked.run];
      return share !== undefined && !share.forgotten ? [{ type: "ShareForgotten", run: asked.run }] : [];
    }
    default:
      return []; // RunStage is passed on as it is; Admit, Refuse and Rejoin are for agents
  }
}

/** A share and what holds for it; refused at once, before anybody prepares anything, where the owner does not allow it. */
function assigned(
  {
    run,
    plan,
    share,
    agents,
    actor,
    controlPlane: known = [],
  }: NodeCommand & { readonly type: "AssignShare" },
  { guards = [], controlPlane = [], refusal }: ShareRails = {},
): readonly ZoneEvent[] {
  const servers = [...new Set([...known, ...controlPlane])];
  const event: ZoneEvent = {
    type: "ShareAssigned",
    run,
    plan,
    share,
    agents,
    ...(actor === undefined ? {} : { actor }),
    ...(guards.length === 0 ? {} : { guards }),
    ...(servers.length === 0 ? {} : { controlPlane: servers }),
  };
  if (refusal === undefined) return [event];
  // The refusal names the zone and its owner.
  const cause: Cause = { kind: "guard-refused", message: refusal, by: "" };
  return [event, { type: "ShareRefused", run, cause }];
}

/** The instant by the hub's clock; where the server above is another, by that one's, too. */
function shareStarted(
  { run, startAt, hubStartAt }: NodeCommand & { readonly type: "StartRun" },
  zoneStartAt: number,
): ZoneEvent {
  const above = hubStartAt === undefined ? {} : { parentStartAt: startAt };
  return { type: "ShareStarted", run, startAt: hubStartAt ?? startAt, zoneStartAt, ...above };
}

function arrived(state: ZoneState, run: string, agent: string, incarnation: number): readonly ZoneEvent[] {
  const share = state.shares[run];
  const part = share?.parts.find(
    (candidate) => candidate.agent === agent && candidate.incarnation === incarnation,
  );
  if (share === undefined || part === undefined || share.ready.includes(agent)) return [];
  const ready: ZoneEvent = { type: "AgentReady", run, agent, incarnation: part.incarnation };
  const everybody = isEverybodyReady({ ...share, ready: [...share.ready, agent] });
  return everybody ? [ready, shareReady(state, share)] : [ready];
}

const isEverybodyReady = ({ children, parts, ready }: ShareState): boolean =>
  parts.every(({ agent }) => ready.includes(agent)) &&
  children.every(({ announced }) => announced !== undefined);

const isReadyUnsaid = (share: ShareState): boolean =>
  share.announced === undefined &&
  share.stopping === undefined &&
  !share.forgotten &&
  isDivided(share) &&
  isEverybodyReady(share);

const shareReady = (state: ZoneState, share: ShareState): ZoneEvent => ({
  type: "ShareReady",
  run: share.run,
  incarnation: state.incarnation,
  members: membersOf(share),
});

function tooFew(
  state: ZoneState,
  { below = 0, run, seconds }: ZoneInput & { readonly type: "WaitedLongEnough" },
): readonly ZoneEvent[] {
  const needed = state.shares[run]?.agentsNeeded ?? 0;
  const idle = `${idleAgents(state).length + below}${below > 0 ? ` (${below} of them in zones below)` : ""}`;
  const message = `zone ${state.zone} has ${idle} of the ${needed} idle agents it needs, after ${seconds} s; start more: mesh agent --zone ${state.zone}`;
  return refuse(state, run, { kind: "agents-missing", message, by: "" });
}

function refuse(state: ZoneState, run: string, cause: Cause): readonly ZoneEvent[] {
  const share = state.shares[run];
  const isOpen = share !== undefined && !isDivided(share) && share.stopping === undefined;
  return isOpen ? [{ type: "ShareRefused", run, cause }] : [];
}

function merged(
  state: ZoneState,
  { run, intervals, aside, awaits = [] }: ZoneInput & { readonly type: "Merged" },
): readonly ZoneEvent[] {
  const share = state.shares[run];
  if (share === undefined || share.forgotten || !isSettled(share)) return [];
  // Its interval log is longer after a teardown, too; only less that is missing is news.
  if (share.finished && !isNews({ ...share, intervals }, { intervals, aside, awaits })) return [];
  const { incarnation } = state;
  const finished = { run, incarnation, agents: finishesOf(share), intervals };
  return [
    {
      type: "ShareFinished",
      ...finished,
      ...(aside === undefined ? {} : { aside }),
      ...(awaits.length === 0 ? {} : { awaits }),
    },
  ];
}
