/** All that the panel shows, as plain values: a pure function of the folded run. How it looks is in panel.ts. */
import { liveMembers, plannedUs, type RunState, topOf } from "../../domain/run/state.ts";
import { progressOf } from "../../domain/pace/target.ts";
import type { HealthSample } from "../../domain/interval/health.ts";
import type { View } from "../../roles/door/follow-run.ts";
import { type Measure, measuresOf } from "./measures.ts";
import { type Phase, phaseOf } from "./phase.ts";
import { narrow } from "./spans.ts";
import type { Tape } from "./tape.ts";
import { type ThresholdMark, thresholdMarks } from "./threshold-marks.ts";

export interface ZoneCount {
  readonly zone: string;
  readonly there: number;
  readonly needed: number;
  readonly lost: number;
  readonly state: "waiting" | "working" | "finished" | "lost";
}

export interface Picture {
  readonly run: string;
  readonly script: string;
  readonly phase: Phase;
  readonly elapsedMs: number;
  readonly plannedMs: number;
  /** 0 to 1. */
  readonly progress: number;
  /** How long nothing was heard, when that is worth a word; else 0. */
  readonly quietMs: number;
  /** What the figures of now are over; 0 before the first. */
  readonly recentMs: number;
  readonly measures: readonly Measure[];
  readonly zones: readonly ZoneCount[];
  /** The worst of any generator in the last seconds. */
  readonly generator: HealthSample | undefined;
  readonly thresholds: readonly ThresholdMark[];
}

/** `quietMs` is the time since root's last event or interval; a run that is under way has one each window. */
export function pictureOf(
  run: string,
  { metrics, state }: View,
  tape: Tape | undefined,
  quietMs: number,
): Picture {
  const { plan } = state;
  const elapsedMs = tape?.elapsedMs ?? 0;
  const hasNumbers = plan !== undefined && metrics !== undefined && tape !== undefined && elapsedMs > 0;
  const given = hasNumbers ? { plan, metrics, tape, recent: tape.recent(metrics) } : undefined;
  const recent = given?.recent;
  return {
    run,
    script: narrow(plan?.script ?? ""),
    phase: phaseOf(state, quietMs),
    elapsedMs,
    plannedMs: plan === undefined ? 0 : plannedUs(plan) / 1000,
    progress: given === undefined ? 0 : progressIn(given.plan, given.metrics, elapsedMs),
    quietMs: isUnderLoad(state) && quietMs > quietAfterMs(state) ? quietMs : 0,
    recentMs: recent === undefined ? 0 : recent.toMs - recent.fromMs,
    measures: given === undefined ? [] : measuresOf(given),
    zones: zonesOf(state),
    generator: recent?.health,
    thresholds: given === undefined ? [] : thresholdMarks(given.plan, given.metrics, elapsedMs),
  };
}

/** The least advanced scenario decides. */
function progressIn(
  { scenarios }: NonNullable<RunState["plan"]>,
  metrics: NonNullable<View["metrics"]>,
  elapsedMs: number,
): number {
  const counts = metrics.scenarioCounts();
  return Math.min(
    ...Object.entries(scenarios).map(([name, scenario]) =>
      progressOf(scenario, elapsedMs, counts[name]?.completed ?? 0),
    ),
  );
}

const isUnderLoad = ({ phase, startAt }: RunState): boolean => startAt !== undefined && phase === "running";

/** Two windows and what they may be late, and a second for the way. */
const quietAfterMs = ({ plan }: RunState): number =>
  plan === undefined ? Infinity : 2 * plan.windowMs + plan.latenessMs + 1000;

function zonesOf(state: RunState): readonly ZoneCount[] {
  const live = liveMembers(state);
  return state.zones.map(({ agentsNeeded, finished, lost, ready, zone }) => ({
    zone: narrow(zone),
    there: live.filter((member) => topOf(member) === zone).length,
    needed: agentsNeeded,
    lost: lost ? agentsNeeded : state.losses.filter((loss) => topOf(loss) === zone).length,
    state: lost ? "lost" : finished ? "finished" : ready ? "working" : "waiting",
  }));
}
