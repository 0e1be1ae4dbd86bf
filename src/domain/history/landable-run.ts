/**
 * A run as it lands: the fold of its log, with what its state alone does not keep – the latest report, when it was asked
 * for and judged, and whether an attempt to land it is open. Pure.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { LedgerLine } from "../../../streams/schema/ledger.ts";
import { evolve } from "../run/evolve.ts";
import { newRun, type RunState } from "../run/state.ts";
import type { SummaryDocument } from "../summary/document.ts";
import { canonicalJson } from "../summary/document.ts";
import { instantText, type RunRow } from "./rows.ts";
import type { RunClock } from "./series-rows.ts";

type Report = Pick<
  RunEvent & { readonly type: "ReportRevised" },
  "revision" | "intervals" | "sha256" | "summary" | "outcome" | "exitCode" | "message"
>;

export interface LandableRun {
  readonly run: string;
  readonly state: RunState;
  readonly report: Report;
  /** Hub time, µs. */
  readonly askedAt: number;
  readonly endedAt: number;
  /** An attempt was begun for this very report, and nobody has said that it ended. */
  readonly isOpen: boolean;
}

const NO_REPORT: Report = {
  revision: 0,
  intervals: 0,
  sha256: "",
  summary: undefined,
  outcome: "errored",
  exitCode: 0,
  message: "",
};

export const landable = (run: string): LandableRun => ({
  run,
  state: newRun,
  report: NO_REPORT,
  askedAt: 0,
  endedAt: 0,
  isOpen: false,
});

/** The next event of its log; `time` is the hub's, µs. */
export const withEvent = (before: LandableRun, event: RunEvent, time: number): LandableRun => ({
  ...before,
  state: evolve(before.state, event),
  ...noted(before, event, time),
});

function noted({ report }: LandableRun, event: RunEvent, time: number): Partial<LandableRun> {
  switch (event.type) {
    case "RunPlanned":
      return { askedAt: time };
    case "SummaryRecorded":
      return { report: { ...report, ...figures(event) } };
    case "VerdictGiven":
      return { report: { ...report, ...judgement(event) }, endedAt: time };
    case "ReportRevised":
      return {
        report: { revision: event.revision, ...figures(event), ...judgement(event) },
        isOpen: false,
      };
    case "LandingAttempted":
      return { isOpen: true };
    case "HistoryLanded":
      return { isOpen: false };
    default:
      return {};
  }
}

const figures = ({ intervals, sha256, summary }: Pick<Report, "intervals" | "sha256" | "summary">) => ({
  intervals,
  sha256,
  summary,
});
const judgement = ({ exitCode, message, outcome }: Pick<Report, "exitCode" | "message" | "outcome">) => ({
  exitCode,
  message,
  outcome,
});

export const clockOf = ({ run, state }: LandableRun): RunClock => ({
  run,
  startAt: state.startAt ?? 0,
  windowMs: state.plan?.windowMs ?? 0,
  attempt: state.landing,
});

const NOTHING: LedgerLine = { planned: 0, completed: 0, interrupted: 0, dropped: 0, lost: 0 };

/** Its row of `runs`. */
export function runRow({ run, state, report, askedAt, endedAt }: LandableRun): RunRow {
  const { plan, startAt } = state;
  const document = report.summary as SummaryDocument | undefined;
  const { completed, dropped, interrupted, lost, planned } = document?.ledger.total ?? NOTHING;
  return {
    run,
    revision: report.revision,
    attempt: state.landing,
    script: plan?.script ?? "",
    outcome: report.outcome,
    exit_code: report.exitCode,
    message: report.message,
    actor: state.actor,
    asked: instantText(askedAt),
    started: startAt === undefined ? null : instantText(startAt),
    ended: instantText(endedAt),
    duration_us: Math.round((document?.durationMs ?? 0) * 1000),
    window_ms: plan?.windowMs ?? 0,
    intervals: report.intervals,
    zones: plan?.zones.map(({ zone }) => zone) ?? [],
    agents: plan?.agents ?? 0,
    planned,
    completed,
    interrupted,
    dropped,
    lost,
    labels: { ...plan?.tags, ...plan?.labels },
    plan: canonicalJson(plan ?? null),
    summary: canonicalJson(document ?? null),
    sha256: report.sha256,
  };
}
