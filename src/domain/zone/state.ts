/** The state of a zone: its agents and its shares of runs, with what zones below said of them; the fold of the zone log. */
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

/** An agent that takes part in a share, somewhere below; `zone` where that is not this one. */
export interface ShareMember {
  readonly agent: string;
  readonly incarnation: number;
  readonly workers: number;
  readonly host: string;
  readonly zone?: string;
}

/** A zone below that has a part of a share. */
export interface ChildPart {
  readonly zone: string;
  readonly share: Share;
  readonly agentsNeeded: number;
  /** Incarnation that announced its share as ready: the name of its interval log. Undefined before. */
  readonly announced: number | undefined;
  readonly members: readonly ShareMember[];
  readonly lost: boolean;
  readonly finished: boolean;
  readonly finishes: readonly AgentFinish[];
  /** How long its interval log is, once it has finished. */
  readonly intervals: number;
  readonly aside: Aside | undefined;
  /** Zones below it that it gave up, and that may still come back. */
  readonly awaits: readonly string[];
}

export interface ShareState {
  readonly run: string;
  readonly plan: Plan;
  readonly share: Share;
  readonly agentsNeeded: number;
  /** Who asked for the run, where that is known. */
  readonly actor: string | undefined;
  /** What the owners of this zone and of those above allow; none: nobody said anything. */
  readonly guards: readonly Guard[];
  readonly controlPlane: readonly string[];
  readonly refused: boolean;
  readonly parts: readonly Part[];
  readonly children: readonly ChildPart[];
  /** Ids of the facts of zones below that are in the zone's own log: each is copied once. */
  readonly copied: readonly string[];
  /** Agents that have arrived at the ready barrier. */
  readonly ready: readonly string[];
  /** Incarnation that announced the share as ready: the name of its interval log. Undefined before. */
  readonly announced: number | undefined;
  /** Hub time, and the same on the clock of the server above. */
  readonly startAt: number | undefined;
  readonly parentStartAt: number | undefined;
  readonly stopping: Cause | undefined;
  readonly finishes: readonly AgentFinish[];
  /** Of its own agents. */
  readonly losses: readonly AgentLoss[];
  /** Of agents of zones below. */
  readonly lossesBelow: readonly AgentLoss[];
  /** Stages that were reported, each by whom: see `stageKey`. */
  readonly stages: readonly string[];
  readonly finished: boolean;
  /** What of the agents' intervals was not counted when it finished. */
  readonly aside: Aside | undefined;
  /** Zones below that had been given up when it finished. */
  readonly awaits: readonly string[];
  readonly forgotten: boolean;
}

export interface ZoneState {
  readonly zone: string;
  /** The zone above; undefined where that is root. */
  readonly parent: string | undefined;
  readonly incarnation: number;
  readonly revision: number;
  /** Live agents, and those that were live and have a part of an open share. */
  readonly agents: Readonly<Record<string, AgentState>>;
  /** The highest incarnation of all agents that are not in `agents` any more, -1 for none: none is used twice. */
  readonly incarnationsForgotten: number;
  readonly shares: Readonly<Record<string, ShareState>>;
  /** Up to which sequence refused accesses of zones below were copied, by the stream they came from. */
  readonly copied: Readonly<Record<string, number>>;
}

export const newZone: ZoneState = {
  zone: "",
  parent: undefined,
  incarnation: 0,
  revision: 0,
  agents: {},
  incarnationsForgotten: -1,
  shares: {},
  copied: {},
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

/** A zone below has nothing more to say about its load. */
export const isChildSettled = ({ finished, lost }: ChildPart): boolean => finished || lost;

export const isDivided = ({ children, parts }: ShareState): boolean =>
  parts.length > 0 || children.length > 0;

export const isSettled = (share: ShareState): boolean =>
  share.parts.every((part) => isPartSettled(share, part)) &&
  share.children.every(isChildSettled) &&
  (isDivided(share) || share.refused || share.stopping !== undefined);

/** All agents of a share, those of zones below included. */
export const membersOf = ({ children, parts }: ShareState): readonly ShareMember[] => [
  ...parts.map(({ agent, incarnation, workers, host }) => ({ agent, incarnation, workers, host })),
  ...children.flatMap(({ members }) => members),
];

/** What all agents of a share have stated. */
export const finishesOf = ({ children, finishes }: ShareState): readonly AgentFinish[] => [
  ...finishes,
  ...children.flatMap((child) => child.finishes),
];

/** An agent of it, here or below, was given up: whether it still goes on, nobody knows. */
export const hasLosses = ({ losses, lossesBelow }: ShareState): boolean =>
  losses.length + lossesBelow.length > 0;

/** Zones below that were given up and may still come back. */
export const awaitedBy = ({ children }: ShareState): readonly string[] =>
  children.flatMap(({ awaits, finished, lost, zone }) => (lost && !finished ? [zone] : awaits));

/** A stage as an agent reports it: when that agent is lost, another one is asked. */
export const stageKey = ({
  agent,
  incarnation,
  stage,
  zone = "",
}: Pick<ShareMember, "agent" | "incarnation" | "zone"> & { readonly stage: Stage }): string =>
  `${stage} ${zone}/${agent}.${incarnation}`;

/** The zone below that an agent is in, or is reached through; undefined where it is this zone's own. */
export const childOf = (
  { children }: ShareState,
  { agent, incarnation, zone }: Pick<ShareMember, "agent" | "incarnation" | "zone">,
): ChildPart | undefined =>
  zone === undefined
    ? undefined
    : children.find(({ members }) =>
        members.some(
          (each) => each.zone === zone && each.agent === agent && each.incarnation === incarnation,
        ),
      );
