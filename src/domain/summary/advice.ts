/**
 * What to do about a run that did not pass: one sentence by its exit code; and what to know of one that passed because
 * nothing judged it. The commands that tell more stand below it, where there are people to type them.
 */
import type { SummaryDocument } from "./document.ts";
import { percentText } from "./figures.ts";

const NOT_WHOLE =
  "Do not use these figures: the log of the run says what is missing; mend that and run it again.";
const UNFIT =
  "The load was not the planned one: use more agents or cores, or less load; see GENERATOR. (Budgets: options.generator.)";
const NO_DATA = "No sample was taken of what these thresholds judge: does the script get as far as that?";
const LESS = "It passed with less than the load that was planned: see what was lost under COMPLETENESS.";
const STOPPED = "The figures hold up to the stop; run it again for all of it.";

/** From these shares on something is probably wrong, though no threshold says so. */
const FAILED_MIN = 0.5;
const DROPPED_MIN = 0.1;

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

/** Where the cause is that the script took down its worker (`causeOfExit`, `Patience`), the agents are still there. */
const DEATHS: readonly (readonly [cause: RegExp, advice: string])[] = [
  [
    /^a worker called process\.exit/,
    "The agents are there: the script itself ended its worker. Take out process.exit(); throw to fail an iteration, " +
      "call abort() to end the run.",
  ],
  [
    /^a worker ran out of memory/,
    "The agents are there: the script itself filled the memory of its worker. Keep less in module scope and from one " +
      "iteration to the next, read big files with dataFile(), or run fewer VUs in each agent.",
  ],
  [
    /^a worker did not respond/,
    "The agents are there: the script itself blocked its worker. Look there for a loop that does not end, or for long " +
      "work without await.",
  ],
  [
    /^a worker was killed by/,
    "The agents are there: one worker was killed, by hand, by the script, or by the system because memory ran out. See " +
      "the system's log and the agent's memory, then run it again.",
  ],
];

/** Where the cause is that zones were not there, or not any more by somebody's will: no machine is to be looked at. */
const ABSENT: readonly (readonly [cause: RegExp, advice: string])[] = [
  [
    /^zone \S+ was revoked at /,
    "Run it without that zone (mesh zone ls), or have its credentials made anew first (mesh zone rotate).",
  ],
  [
    /^zone \S+ (was never heard|is not up)/,
    "Name zones that are up (mesh zone ls), or start those; then run it again.",
  ],
];

const causeAdvice = (cause = ""): string | undefined =>
  [...DEATHS, ...ABSENT].find(([known]) => known.test(cause))?.[1];

/** Nothing for a run that passed and in which little went wrong. */
export function adviceOn(document: SummaryDocument): string | undefined {
  const { exitCode, completeness, generator, thresholds = [] } = document;
  const { agents, gaps = [], mismatches } = completeness;
  if (exitCode === 99 && thresholds.every(({ judgement }) => judgement !== "fail")) return NO_DATA;
  const isUnfit = exitCode === 97 && generator.breaches !== undefined;
  if (isUnfit && mismatches.length === 0) return UNFIT;
  if (exitCode !== 0 && mismatches.length > 0) return NOT_WHOLE;
  if (exitCode === 112) return causeAdvice(document.cause) ?? ADVICE[exitCode];
  if (exitCode !== 0) return ADVICE[exitCode];
  const isLess = agents.lost.length > 0 || gaps.length > 0;
  const sentences = [...(isLess ? [LESS] : []), ...unjudged(document)];
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

/** A run without thresholds passes whatever happened in it: where much went wrong, that must not go unsaid. */
function unjudged({ ledger, metrics, thresholds = [] }: SummaryDocument): readonly string[] {
  if (thresholds.length > 0) return [];
  const { dropped, planned } = ledger.total;
  const { fails = 0, passes = 0 } = metrics["http_req_failed"]?.values ?? {};
  const countOf = (name: string) => metrics[name]?.values["count"] ?? 0;
  const wrong = [
    ...share(passes, passes + fails, FAILED_MIN, "of requests failed"),
    ...share(dropped, planned, DROPPED_MIN, "of planned iterations were dropped"),
    ...share(countOf("iterations_failed"), countOf("iterations"), FAILED_MIN, "of iterations threw"),
  ];
  return wrong.length === 0
    ? []
    : [`No threshold judged this run: ${wrong.join(", ")}. With options.thresholds such a run can fail.`];
}

const share = (part: number, whole: number, least: number, what: string): readonly string[] =>
  whole > 0 && part / whole >= least ? [`${percentText(part / whole)} ${what}`] : [];
