/** The state of a zone: its agents and its shares of runs, the fold of the zone log. */
import type { Cause, Stage } from "../../../streams/schema/cause.ts";
import type { AgentFinish, AgentLoss, Aside } from "../../../streams/schema/finish.ts";
import type { Guard } from "../../../streams/schema/guard.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import type { Share } from "../../../streams/schema/share.ts";

export interface AgentState {
  readonly agent: string;
  readonly session: string;
  readonly incarnation: number;
  readonly cores: number;
  readonly host: string;
  readonly live: boolean;
}

export interface Part {
  readonly agent: string;
  readonly incarnation: number;
  readonly share: Share;
  readonly workers: number;
  readonly host: string;
}

export interface ShareState {
  readonly run: string;
  readonly plan: Plan;
  readonly share: Share;
  readonly agentsNeeded: number;
  /** What the owners of this zone and of those above allow; none: nobody said anything. */
  readonly guards: readonly Guard[];
  readonly controlPlane: readonly string[];
  readonly refused: boolean;
  readonly parts: readonly Part[];
  /** Agents that have arrived at the ready barrier. */
  readonly ready: readonly string[];
  /** Incarnation that announced the share as ready: the name of its interval log. Undefined before. */
  readonly announced: number | undefined;
  readonly startAt: number | undefined;
  readonly stopping: Cause | undefined;
  readonly finishes: readonly AgentFinish[];
  readonly losses: readonly AgentLoss[];
  readonly stages: readonly Stage[];
  readonly finished: boolean;
  /** What of the agents' intervals was not counted when it finished. */
  readonly aside: Aside | undefined;
  readonly forgotten: boolean;
}

export interface ZoneState {
  readonly zone: string;
  readonly incarnation: number;
  readonly revision: number;
  /** Live agents, and those that were live and have a part of an open share. */
  readonly agents: Readonly<Record<string, AgentState>>;
  /** The highest incarnation of all agents that are not in `agents` any more, -1 for none: none is used twice. */
  readonly incarnationsForgotten: number;
  readonly shares: Readonly<Record<string, ShareState>>;
}

export const newZone: ZoneState = {
  zone: "",
  incarnation: 0,
  revision: 0,
  agents: {},
  incarnationsForgotten: -1,
  shares: {},
};

export const liveAgents = (state: ZoneState): readonly AgentState[] =>
  Object.values(state.agents)
    .filter(({ live }) => live)
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));

/** Agents that carry no part of an unfinished run. */
export function idleAgents(state: ZoneState): readonly AgentState[] {
  const open = Object.values(state.shares).filter((share) => !share.forgotten);
  const isBusy = ({ agent, incarnation }: AgentState) =>
    open.some((share) =>
      share.parts.some((part) => part.agent === agent && part.incarnation === incarnation),
    );
  return liveAgents(state).filter((agent) => !isBusy(agent));
}

/** A part is settled when its agent stated its totals or was lost. */
export const isPartSettled = (share: ShareState, { agent, incarnation }: Part): boolean =>
  share.finishes.some((finish) => finish.agent === agent && finish.incarnation === incarnation) ||
  share.losses.some((loss) => loss.agent === agent && loss.incarnation === incarnation);

export const isSettled = (share: ShareState): boolean =>
  share.parts.every((part) => isPartSettled(share, part)) &&
  (share.parts.length > 0 || share.refused || share.stopping !== undefined);
