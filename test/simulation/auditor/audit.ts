/**
 * The auditor: holds all laws against what the target saw and what was published. It shares no code with the program,
 * so that the two cannot be wrong in the same way.
 */
import type { Evidence, Violation } from "./evidence.ts";
import { belowLaws } from "./laws/below.ts";
import { generatorLaws } from "./laws/generator.ts";
import { intervalLaws } from "./laws/intervals.ts";
import { lifeLaws } from "./laws/life.ts";
import { logLaws } from "./laws/logs.ts";
import { memberLaws } from "./laws/members.ts";
import { numberLaws } from "./laws/numbers.ts";
import { verdictLaws } from "./laws/thresholds.ts";
import { timeframeLaws } from "./laws/timeframes.ts";
import { viewOf } from "./view.ts";

const LAWS = [
  logLaws,
  intervalLaws,
  memberLaws,
  belowLaws,
  numberLaws,
  lifeLaws,
  verdictLaws,
  timeframeLaws,
  generatorLaws,
] as const;

/** Every law that does not hold; nothing when all of them do. */
export function audit(evidence: Evidence): readonly Violation[] {
  const view = viewOf(evidence);
  return LAWS.flatMap((law) => law(view));
}
