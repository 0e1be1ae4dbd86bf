/** Folds one event into a zone's state. */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import {
  type AgentState,
  type ChildPart,
  hasLosses,
  type ShareState,
  stageKey,
  type ZoneState,
} from "./state.ts";

export function evolve(state: ZoneState, event: ZoneEvent): ZoneState {
  const next = { ...state, ...change(state, event), revision: state.revision + 1 };
  const mayFree = event.type === "AgentLeft" || event.type === "AgentLost" || event.type === "ShareForgotten";
  return mayFree ? withoutFormerAgents(next) : next;
}

/** Agents that are gone and owe nothing are forgotten, or a zone would only grow. */
function withoutFormerAgents(state: ZoneState): ZoneState {
  const open = Object.values(state.shares).filter(({ forgotten }) => !forgotten);
  const isNeeded = ({ agent, live }: AgentState) =>
    live || open.some(({ parts }) => parts.some((part) => part.agent === agent));
  const former = Object.values(state.agents).filter((agent) => !isNeeded(agent));
  if (former.length === 0) return state;
  const kept = Object.entries(state.agents).filter(([, agent]) => isNeeded(agent));
  const incarnations = former.map(({ incarnation }) => incarnation);
  return {
    ...state,
    agents: Object.fromEntries(kept),
    incarnationsForgotten: Math.max(state.incarnationsForgotten, ...incarnations),
  };
}

function change(state: ZoneState, event: ZoneEvent): Partial<ZoneState> {
  switch (event.type) {
    case "ZoneStarted":
      return { zone: event.zone, incarnation: event.incarnation, parent: event.parent };
    case "AgentJoined": {
      const { agent, session, incarnation, cores, host } = event;
      return {
        agents: { ...state.agents, [agent]: { agent, session, incarnation, cores, host, live: true } },
      };
    }
    case "AgentRefused":
      return {};
    case "AccessRefused": {
      const { origin } = event;
      if (origin === undefined) return {};
      // What was only counted is told later than what came after it.
      const copied = Math.max(state.copied[origin.stream] ?? 0, origin.sequence);
      return { copied: { ...state.copied, [origin.stream]: copied } };
    }
    case "AgentLeft":
      return { agents: withAgent(state, event.agent, event.incarnation, { live: false }) };
    case "AgentLost":
      // Of a zone below: that one's affair.
      if (event.loss.zone !== undefined)
        return event.run === undefined ? {} : withShare(state, event.run, (share) => lossBelow(share, event));
      return {
        agents: withAgent(state, event.loss.agent, event.loss.incarnation, { live: false }),
        ...(event.run === undefined
          ? {}
          : withShare(state, event.run, (s) => ({ losses: [...s.losses, event.loss] }))),
      };
    case "ShareAssigned":
      return { shares: { ...state.shares, [event.run]: newShare(event) } };
    case "ShareForgotten":
      return { shares: forget(state, event.run) };
    default:
      return withShare(state, event.run, (share) => ({
        ...shareChange(share, event),
        ...copy(share, event),
      }));
  }
}

type ShareEvent = Exclude<
  ZoneEvent,
  {
    type:
      | "ZoneStarted"
      | "AgentJoined"
      | "AgentRefused"
      | "AccessRefused"
      | "AgentLeft"
      | "AgentLost"
      | "ShareAssigned"
      | "ShareForgotten";
  }
>;

function shareChange(share: ShareState, event: ShareEvent): Partial<ShareState> {
  switch (event.type) {
    case "ShareRefused":
      if (event.zone !== undefined) return {};
      return { refused: true, stopping: share.stopping ?? event.cause };
    case "ShareDivided":
      return { parts: event.parts, children: (event.zones ?? []).map(newChild) };
    case "AgentReady":
      return { ready: [...share.ready, event.agent] };
    case "ShareReady":
      return { announced: event.incarnation };
    case "ShareStarted":
      return { startAt: event.startAt, parentStartAt: event.parentStartAt ?? event.startAt };
    case "StageReported":
      return { stages: [...share.stages, stageKey(event)] };
    case "ShareStopping":
      return { stopping: share.stopping ?? event.cause };
    case "AgentFinished":
      return { finishes: [...share.finishes, event.finish] };
    case "ChildReady": {
      const { incarnation: announced, members } = event;
      return { children: patch(share, event.zone, { announced, members }) };
    }
    case "ChildLost":
      return { children: patch(share, event.zone, { lost: true }) };
    case "ChildFinished": {
      const { agents: finishes, aside, awaits = [], intervals } = event;
      const said = { finished: true, finishes, aside, awaits, intervals };
      return { children: patch(share, event.zone, said) };
    }
    case "ShareFinished":
      return { finished: true, aside: event.aside, awaits: event.awaits ?? [] };
    case "AgentFailed":
    case "AbortRequested":
      return {};
  }
}

/** A fact of a zone below is in the zone's own log now. */
const copy = ({ copied }: ShareState, event: ZoneEvent): Partial<ShareState> =>
  "origin" in event && event.origin !== undefined ? { copied: [...copied, event.origin.id] } : {};

const lossBelow = (
  share: ShareState,
  event: ZoneEvent & { readonly type: "AgentLost" },
): Partial<ShareState> => ({ lossesBelow: [...share.lossesBelow, event.loss], ...copy(share, event) });

/** So many forgotten shares of which something was lost stay: their agents may go on for a while. */
const LINGERING_MAX = 20;

/** The last forgotten share stays, so that its agents can be told; those before it go, or a zone would only grow. */
function forget(state: ZoneState, run: string): ZoneState["shares"] {
  const lingering = Object.values(state.shares).filter((share) => share.forgotten && hasLosses(share));
  const kept = new Set(lingering.slice(-LINGERING_MAX).map((share) => share.run));
  const open = Object.entries(state.shares).filter(
    ([name, share]) => name === run || !share.forgotten || kept.has(name),
  );
  return Object.fromEntries(
    open.map(([name, share]) => [name, name === run ? { ...share, forgotten: true } : share]),
  );
}

const newShare = ({
  run,
  plan,
  share,
  agents,
  actor,
  guards = [],
  controlPlane = [],
}: ZoneEvent & { readonly type: "ShareAssigned" }): ShareState => ({
  run,
  plan,
  share,
  agentsNeeded: agents,
  actor,
  guards,
  controlPlane,
  refused: false,
  parts: [],
  children: [],
  copied: [],
  ready: [],
  announced: undefined,
  startAt: undefined,
  parentStartAt: undefined,
  stopping: undefined,
  finishes: [],
  losses: [],
  lossesBelow: [],
  stages: [],
  finished: false,
  aside: undefined,
  awaits: [],
  forgotten: false,
});

const newChild = (part: { zone: string; share: ChildPart["share"]; agents: number }): ChildPart => ({
  zone: part.zone,
  share: part.share,
  agentsNeeded: part.agents,
  announced: undefined,
  members: [],
  lost: false,
  finished: false,
  finishes: [],
  intervals: 0,
  aside: undefined,
  awaits: [],
});

const patch = ({ children }: ShareState, zone: string, fields: Partial<ChildPart>): ShareState["children"] =>
  children.map((child) => (child.zone === zone ? { ...child, ...fields } : child));

function withShare(
  state: ZoneState,
  run: string,
  patch: (share: ShareState) => Partial<ShareState>,
): Partial<ZoneState> {
  const share = state.shares[run];
  if (share === undefined) return {};
  return { shares: { ...state.shares, [run]: { ...share, ...patch(share) } } };
}

function withAgent(
  state: ZoneState,
  name: string,
  incarnation: number,
  fields: Partial<AgentState>,
): ZoneState["agents"] {
  const agent = state.agents[name];
  if (agent === undefined || agent.incarnation !== incarnation) return state.agents;
  return { ...state.agents, [name]: { ...agent, ...fields } };
}
