/** Folds one event into a run's state. Never fails: whatever `decide` emitted has a place here. */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Stage } from "../../../streams/schema/cause.ts";
import { kindOf } from "./stages.ts";
import {
  type InZone,
  placeIn,
  type RunPhase,
  type RunState,
  type StageState,
  topOf,
  type ZonePart,
} from "./state.ts";

type Reported = RunEvent & {
  readonly type:
    | "LeaderChanged"
    | "SummaryRecorded"
    | "VerdictGiven"
    | "LateDataAwaited"
    | "ReportRevised"
    | "RunClosed"
    | "NoteAdded"
    | "LandingAttempted"
    | "HistoryLanded";
};

export function evolve(state: RunState, event: RunEvent): RunState {
  return { ...state, ...change(state, event), revision: state.revision + 1 };
}

function change(state: RunState, event: RunEvent): Partial<RunState> {
  switch (event.type) {
    case "RunPlanned":
      return { phase: "planned", plan: event.plan, actor: event.actor };
    case "RunRefused":
      return { phase: "refused", problems: event.problems, actor: event.actor };
    case "RunAssigned":
      return { phase: forward(state, "assigned"), zones: event.shares.map(newPart) };
    case "ZoneReady":
      return {
        zones: patch(state, event.zone, { ready: true, incarnation: event.incarnation }),
        members: [
          ...state.members,
          ...event.members.map((member) => ({ ...member, ...placeIn(state, event.zone, member) })),
        ],
      };
    case "RunReady":
      return { phase: forward(state, "ready") };
    case "StageAttempted": {
      const { zone, via, agent, incarnation } = event;
      const by = { zone, ...(via === undefined ? {} : { via }), agent, incarnation };
      return { stages: stage(state, event.stage, { by }) };
    }
    case "StageEnded":
      return { stages: stage(state, event.stage, ended(event)), zones: lengthen(state, event) };
    case "RunStarted":
      return { phase: forward(state, "running"), startAt: event.startAt };
    case "AgentLost":
      return { losses: [...state.losses, { ...event.loss, ...inZone(event) }] };
    case "WorkerLost": {
      const { agent, incarnation, death } = event;
      return { deaths: [...state.deaths, { ...inZone(event), agent, incarnation, death }] };
    }
    case "ZoneLost":
      return { zones: patch(state, event.zone, { lost: true }) };
    case "RunStopping":
      return {
        cause: state.cause ?? event.cause,
        evidence: state.cause === undefined ? event.evidence : state.evidence,
        phase: forward(state, "draining"),
      };
    case "RunDraining":
      return { phase: forward(state, "draining") };
    case "ZoneFinished":
      return {
        zones: patch(state, event.zone, {
          finished: true,
          agents: event.agents,
          intervals: event.intervals,
          aside: event.aside,
          awaits: event.awaits ?? [],
          // It was given up and came back after all.
          lost: false,
        }),
        losses: withoutReturned(state, event),
      };
    default:
      return reported(state, event);
  }
}

/** What root found out about the run as a whole, and what became of that. */
function reported(state: RunState, event: Reported): Partial<RunState> {
  switch (event.type) {
    case "LeaderChanged":
      return { epoch: event.epoch };
    case "SummaryRecorded":
      return {
        summary: { intervals: event.intervals, sha256: event.sha256, document: event.summary },
        report: { revision: 0, intervals: event.intervals, sha256: event.sha256 },
      };
    case "VerdictGiven":
      if (event.revision > 0) return {};
      return {
        phase: "ended",
        verdict: { outcome: event.outcome, exitCode: event.exitCode, message: event.message },
      };
    case "LateDataAwaited":
      return { late: { until: event.until, zones: event.zones } };
    case "ReportRevised":
      return {
        report: { revision: event.revision, intervals: event.intervals, sha256: event.sha256 },
      };
    case "RunClosed":
      return { closed: true };
    case "NoteAdded":
      return { notes: [...state.notes, { id: event.id, text: event.text, actor: event.actor }] };
    case "LandingAttempted":
      return { landing: event.attempt };
    case "HistoryLanded":
      return { landed: { revision: event.revision, intervals: event.intervals } };
  }
}

const ORDER: readonly RunPhase[] = [
  "new",
  "refused",
  "planned",
  "assigned",
  "ready",
  "running",
  "draining",
  "ended",
];

/** Phases never go back: a zone that becomes ready while the run drains does not make it ready. */
const forward = (state: RunState, phase: RunPhase): RunPhase =>
  ORDER.indexOf(phase) > ORDER.indexOf(state.phase) ? phase : state.phase;

const newPart = (part: { zone: string; share: ZonePart["share"]; agents: number }): ZonePart => ({
  zone: part.zone,
  share: part.share,
  agentsNeeded: part.agents,
  ready: false,
  lost: false,
  finished: false,
  incarnation: 0,
  agents: [],
  intervals: 0,
  aside: undefined,
  asideOfStages: [],
  awaits: [],
});

const inZone = ({ via, zone }: InZone): InZone => ({ zone, ...(via === undefined ? {} : { via }) });

/** Agents of a zone below that had been given up with it, and have stated their end after all, are not lost. */
const withoutReturned = (
  { losses }: RunState,
  { agents }: RunEvent & { readonly type: "ZoneFinished" },
): RunState["losses"] =>
  losses.filter(
    (loss) =>
      loss.via === undefined ||
      !agents.some(
        ({ agent, incarnation, zone }) =>
          zone === loss.zone && agent === loss.agent && incarnation === loss.incarnation,
      ),
  );

const patch = (state: RunState, zone: string, fields: Partial<ZonePart>): readonly ZonePart[] =>
  state.zones.map((part) => (part.zone === zone ? { ...part, ...fields } : part));

const stage = (state: RunState, name: Stage, fields: StageState): RunState["stages"] => ({
  ...state.stages,
  [name]: { ...state.stages[name], ...fields },
});

function ended(event: RunEvent & { readonly type: "StageEnded" }): StageState {
  const { result, value, failure } = event;
  return {
    result,
    ...(value === undefined ? {} : { value }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Teardown measures, too: its zone's interval log is longer afterwards. */
function lengthen(
  state: RunState,
  { stage, intervals, aside }: RunEvent & { readonly type: "StageEnded" },
): RunState["zones"] {
  const by = state.stages[stage]?.by;
  if (kindOf(stage) !== "teardown" || by === undefined || intervals === undefined) return state.zones;
  const zone = topOf(by);
  const before = state.zones.find((part) => part.zone === zone)?.asideOfStages ?? [];
  return patch(state, zone, { intervals, asideOfStages: aside === undefined ? before : [...before, aside] });
}
