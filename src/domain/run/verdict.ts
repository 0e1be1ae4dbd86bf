/**
 * The verdict: how a run ended and with which exit code, from its state and its summary alone. The first cause
 * that ended the run decides; at the planned end incomplete numbers and generators that could not keep the load come
 * before failed thresholds, and all of them before a teardown that failed.
 */
import type { Cause, CauseKind, Outcome } from "../../../streams/schema/cause.ts";
import { kindOf, stagesOf, titleOf } from "./stages.ts";
import type { RunState } from "./state.ts";

export interface Verdict {
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly message: string;
}

/** What the summary found out. */
export interface Findings {
  /** Why the numbers are not whole, in words; empty when they are. */
  readonly incomplete: readonly string[];
  /** Thresholds that were crossed or had no data. */
  readonly failedThresholds: readonly string[];
  /** Agents that could not keep the load as the plan demands, in words. */
  readonly unfit?: readonly string[];
}

const byCause: Record<CauseKind, { readonly outcome: Outcome; readonly exitCode: number }> = {
  signal: { outcome: "aborted", exitCode: 105 },
  person: { outcome: "aborted", exitCode: 105 },
  script: { outcome: "aborted", exitCode: 108 },
  "script-failed": { outcome: "errored", exitCode: 107 },
  "setup-failed": { outcome: "errored", exitCode: 107 },
  "setup-timed-out": { outcome: "errored", exitCode: 100 },
  "agents-lost": { outcome: "errored", exitCode: 112 },
  "agents-missing": { outcome: "errored", exitCode: 112 },
  silence: { outcome: "errored", exitCode: 111 },
  threshold: { outcome: "failed", exitCode: 99 },
  "leader-lost": { outcome: "errored", exitCode: 111 },
  // What was asked for is not valid in that zone; the zone's owner said beforehand where to stop.
  "guard-refused": { outcome: "errored", exitCode: 104 },
  "guard-reached": { outcome: "aborted", exitCode: 105 },
};

export function verdictOf(state: RunState, findings: Findings): Verdict {
  if (state.cause !== undefined) return { ...byCause[state.cause.kind], message: sentence(state.cause) };
  if (findings.incomplete.length > 0) {
    return {
      outcome: "invalid",
      exitCode: 97,
      message: `the numbers are not whole: ${findings.incomplete.join("; ")}`,
    };
  }
  if (findings.unfit !== undefined && findings.unfit.length > 0) {
    return {
      outcome: "invalid",
      exitCode: 97,
      message: `the generator could not keep the load: ${findings.unfit.join("; ")}`,
    };
  }
  if (findings.failedThresholds.length > 0) {
    return {
      outcome: "failed",
      exitCode: 99,
      message: `thresholds failed: ${findings.failedThresholds.join(", ")}`,
    };
  }
  return (
    teardownVerdict(state) ?? { outcome: "passed", exitCode: 0, message: "the run went to its planned end" }
  );
}

/** The first teardown that failed, in the order in which they ran, decides. */
function teardownVerdict({ stages }: RunState): Verdict | undefined {
  const stage = stagesOf(stages).find(
    (each) => kindOf(each) === "teardown" && stages[each]?.result === "failed",
  );
  if (stage === undefined) return undefined;
  const { failure } = stages[stage] ?? {};
  const timedOut = failure?.kind === "timeout";
  return {
    outcome: "errored",
    exitCode: timedOut ? 101 : 107,
    message: `${titleOf(stage)} ${timedOut ? "timed out" : "failed"}: ${failure?.message ?? "no reason given"}`,
  };
}

const sentence = (cause: Cause): string =>
  cause.by === "" ? cause.message : `${cause.message} (${cause.by})`;
