/** The state of a run: the fold of its log, and nothing that is not in it. */
import type { Cause, Evidence, Failure, Outcome, Stage, WorkerDeath } from "../../../streams/schema/cause.ts";
import type { AgentFinish, AgentLoss, Aside } from "../../../streams/schema/finish.ts";
import type { Plan, Problem } from "../../../streams/schema/plan.ts";
import type { Share } from "../../../streams/schema/share.ts";
import { loadMsOf } from "../pace/plan-totals.ts";

export type RunPhase =
  | "new"
  | "refused"
  | "planned"
  | "assigned"
  | "ready"
  | "running"
  | "draining"
  | "ended";

/** Where an agent is: its own zone, and the zone of root's through which that is reached, where it is another. */
export interface InZone {
  readonly zone: string;
  readonly via?: string;
}

export interface Member extends InZone {
  readonly agent: string;
  readonly incarnation: number;
  readonly workers: number;
  readonly host: string;
}

/** What is known of one zone's part. `intervals` is how long its interval log will be, once it has said so. */
export interface ZonePart {
  readonly zone: string;
  readonly share: Share;
  readonly agentsNeeded: number;
  readonly ready: boolean;
  readonly lost: boolean;
  readonly finished: boolean;
  readonly incarnation: number;
  readonly agents: readonly AgentFinish[];
  readonly intervals: number;
  /** What the zone could not count of its agents' intervals, as it stated last, and what it could not of each teardown. */
  readonly aside: Aside | undefined;
  readonly asideOfStages: readonly Aside[];
  /** Zones below it that were given up, and that may still come back. */
  readonly awaits: readonly string[];
}

export interface StageState {
  readonly by?: InZone & { readonly agent: string; readonly incarnation: number };
  readonly result?: "succeeded" | "failed" | "not-run";
  readonly value?: unknown;
  readonly failure?: Failure;
}

/** What somebody wrote down about the run. */
export interface RunNote {
  /** Of the command that brought it. */
  readonly id: string;
  readonly text: string;
  readonly actor: string;
}

export interface LostWorker extends InZone {
  readonly agent: string;
  readonly incarnation: number;
  readonly death: WorkerDeath;
}

export interface RunState {
  readonly phase: RunPhase;
  /** Events so far. */
  readonly revision: number;
  readonly epoch: number;
  readonly actor: string;
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly zones: readonly ZonePart[];
  readonly members: readonly Member[];
  readonly losses: readonly (AgentLoss & InZone)[];
  /** Workers that agents lost and went on without. */
  readonly deaths: readonly LostWorker[];
  readonly stages: Readonly<Partial<Record<Stage, StageState>>>;
  /** Hub time, µs. */
  readonly startAt: number | undefined;
  readonly cause: Cause | undefined;
  /** Where root's interval log shows the cause; only of a threshold. */
  readonly evidence: Evidence | undefined;
  readonly summary:
    | { readonly intervals: number; readonly sha256: string; readonly document: unknown }
    | undefined;
  readonly verdict:
    | { readonly outcome: Outcome; readonly exitCode: number; readonly message: string }
    | undefined;
  /** What the verdict did not have and may still come: of which zones, and until when (hub time, µs). */
  readonly late: { readonly until: number; readonly zones: readonly string[] } | undefined;
  /** The last revision of the report: 0 is the summary of the verdict; a revision never replaces that one. */
  readonly report: { readonly revision: number; readonly intervals: number; readonly sha256: string };
  /** Nothing more is taken for the run. */
  readonly closed: boolean;
  readonly notes: readonly RunNote[];
  /** The last attempt to write the run to ClickHouse, 0 for none, and what was found there to be whole. */
  readonly landing: number;
  readonly landed: { readonly revision: number; readonly intervals: number } | undefined;
}

export const newRun: RunState = {
  phase: "new",
  revision: 0,
  epoch: 0,
  actor: "",
  plan: undefined,
  problems: [],
  zones: [],
  members: [],
  losses: [],
  deaths: [],
  stages: {},
  startAt: undefined,
  cause: undefined,
  evidence: undefined,
  summary: undefined,
  verdict: undefined,
  late: undefined,
  report: { revision: 0, intervals: 0, sha256: "" },
  closed: false,
  notes: [],
  landing: 0,
  landed: undefined,
};

/** True when the run has its outcome: what comes later may revise the report, and changes nothing else. */
export const isOver = (state: RunState): boolean => state.phase === "ended" || state.phase === "refused";

/** True when the run is over and no late data are waited for: nobody need remember it. */
export const isClosed = (state: RunState): boolean =>
  isOver(state) && (state.closed || state.late === undefined);

/** Whether ClickHouse should have the run, and does not have all of it as its report now stands. */
export const awaitsLanding = ({ landed, plan, report, verdict }: RunState): boolean =>
  verdict !== undefined && plan?.history !== false && (landed?.revision ?? -1) < report.revision;

/** Members that nobody has declared lost, in the order of zones and agents. */
export const liveMembers = (state: RunState): readonly Member[] =>
  state.members.filter(
    ({ zone, via, agent, incarnation }) =>
      !state.losses.some((l) => l.zone === zone && l.agent === agent && l.incarnation === incarnation) &&
      !state.zones.some((part) => part.zone === (via ?? zone) && part.lost),
  );

/** The zone of root's through which an agent is reached. */
export const topOf = ({ via, zone }: InZone): string => via ?? zone;

/** Names of an agent's own zone, and of the one that tells of it where that is another. */
export const placeOf = (top: string, { zone = top }: { readonly zone?: string | undefined }): InZone =>
  zone === top ? { zone } : { zone, via: top };

/** The same as far as `top` may speak of it: of another zone of the run, or of one below another, it may not. */
export function placeIn(state: RunState, top: string, about: { readonly zone?: string | undefined }): InZone {
  const { zone = top } = about;
  const isOthers =
    zone !== top &&
    (state.zones.some((part) => part.zone === zone) ||
      state.members.some((member) => member.zone === zone && topOf(member) !== top));
  return placeOf(top, isOthers ? {} : { zone });
}

/** A zone has nothing more to say about its load. */
export const isSettled = (part: ZonePart): boolean => part.finished || part.lost;

/** When the last scenario's regular duration is over, µs after the start. */
export const plannedUs = (plan: Plan): number => loadMsOf(plan.scenarios) * 1000;

/** The longest time that running iterations may take to end after their scenario's regular duration, µs. */
export const gracefulUs = (plan: Plan): number =>
  Math.max(0, ...Object.values(plan.scenarios).map((scenario) => scenario.gracefulStopMs * 1000));

/** A teardown may measure for this long after the last iteration, or the teardown before it, may have ended. */
const AFTER_THE_END_US = 60_000_000;

/**
 * Time of the run as its merges count it, ms. Beyond the plan's last moment nothing is late any more: a run that was
 * left alone for a day must not get a day of empty windows.
 */
export function mergeTimeMs(plan: Plan, elapsedUs: number): number {
  const own = Object.values(plan.scenarios).filter(({ teardown }) => teardown !== undefined).length;
  return Math.min(elapsedUs, plannedUs(plan) + gracefulUs(plan) + AFTER_THE_END_US * (1 + own)) / 1000;
}
