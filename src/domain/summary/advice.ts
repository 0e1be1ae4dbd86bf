/**
 * What to do about a run that did not pass: one sentence by its exit code. The commands that tell more stand below it,
 * where there are people to type them.
 */
import type { SummaryDocument } from "./document.ts";

const NOT_WHOLE =
  "Do not use these figures: the log of the run says what is missing; mend that and run it again.";
const UNFIT =
  "The load was not the planned one: use more agents or cores, or less load; see GENERATOR. (Budgets: options.generator.)";
const NO_DATA = "No sample was taken of what these thresholds judge: does the script get as far as that?";
const STOPPED = "The figures hold up to the stop; run it again for all of it.";

const ADVICE: Readonly<Record<number, string>> = {
  97: NOT_WHOLE,
  99: "These limits were missed; the figures hold. mesh runs lists earlier runs to compare with.",
  100: "Make setup() quicker, or give it longer with the option setupTimeout.",
  101: "The load is measured in full. Make teardown() quicker, or give it longer with the option teardownTimeout.",
  105: STOPPED,
  107: "Mend the script at the place that is named, then run it again.",
  108: "The script asked for the end itself; the figures hold up to there.",
  111: "See that the root and the NATS servers are up (mesh status), then run it again.",
  112: "See why the agents are gone – their machines, memory, network (mesh status) – then run it again.",
};

/** Nothing for a run that passed. */
export function adviceOn(document: SummaryDocument): string | undefined {
  const { exitCode, completeness, generator, thresholds = [] } = document;
  const { agents, gaps = [], mismatches } = completeness;
  if (exitCode === 99 && thresholds.every(({ judgement }) => judgement !== "fail")) return NO_DATA;
  const isUnfit = exitCode === 97 && generator.breaches !== undefined;
  if (isUnfit && mismatches.length === 0) return UNFIT;
  if (exitCode !== 0) return mismatches.length > 0 ? NOT_WHOLE : ADVICE[exitCode];
  if (agents.lost.length === 0 && gaps.length === 0) return undefined;
  return "It passed with less than the load that was planned: see what was lost under COMPLETENESS.";
}
