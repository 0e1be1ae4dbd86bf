/**
 * Lives a run again from its run log and root's interval log alone: same functions, hence the same states, summary and
 * verdict. What the log has stored of them is read only to compare. First all events, then all intervals.
 */
import type { Evidence } from "../../../streams/schema/cause.ts";
import { AbortWatch } from "../threshold/abort-watch.ts";
import { canonicalJson, type SummaryDocument } from "../summary/document.ts";
import { findingsIn, findingsOf, metricsFor, summarise, type Summary } from "../summary/summarise.ts";
import type { RunState } from "../run/state.ts";
import { verdictOf } from "../run/verdict.ts";
import { type Difference, differencesIn, type Entry } from "./difference.ts";
import { IntervalLogReplay, type ReadReport } from "./interval-log.ts";
import { type Revision, RunLogReplay } from "./run-log.ts";

export interface Replayed {
  /** True when the logs are whole and give what was stored. */
  readonly ok: boolean;
  /** The first one is the one to look at; others may follow from it. */
  readonly differences: readonly Difference[];
  /** Made again; undefined when the run was refused or has not come that far. */
  readonly summary: SummaryDocument | undefined;
  readonly state: RunState;
  readonly events: number;
  readonly intervals: number;
}

export class Replay {
  readonly #run: string;
  readonly #log = new RunLogReplay();
  /** Of the verdict's report and of each later revision, in their order. */
  readonly #summaries: Summary[] = [];
  #intervals: IntervalLogReplay | undefined;

  constructor(run: string) {
    this.#run = run;
  }

  /** The next event of the run log. */
  event(entry: Entry): void {
    this.#log.add(entry);
  }

  /** The next interval of root's log; only after the last event. */
  interval(entry: Entry): void {
    this.#measured().add(entry);
  }

  /** What came out, and in what it differs from what is stored. */
  result(): Replayed {
    const log = this.#log;
    const measured = this.#measured();
    measured.end();
    const [summary, ...revised] = log.summaryFrom === undefined ? [undefined] : this.#summaries;
    const differences = [
      ...log.differences,
      ...missingEvents(log),
      ...measured.differences,
      ...measured.missingAtEnd,
      ...evidenceDifferences(log.state, measured.breach),
      ...summaryDifferences(log.state.summary, summary),
      ...verdictDifferences(log, summary),
      ...log.revisions.flatMap((revision, index) => revisionDifferences(revision, revised[index])),
    ];
    return {
      ok: differences.length === 0,
      differences,
      summary: summary?.document,
      state: log.state,
      events: log.count,
      intervals: measured.count,
    };
  }

  #measured(): IntervalLogReplay {
    const { revisions, state, summaryFrom } = this.#log;
    const report = (from: RunState, intervals: number | undefined): ReadReport => ({
      intervals,
      make: (metrics) => this.#summaries.push(summarise(this.#run, from, metrics)),
    });
    const first = summaryFrom === undefined ? [] : [report(summaryFrom, state.summary?.intervals)];
    const later = revisions.map(({ from, stored }) => report(from, stored.intervals));
    const watch = state.plan && new AbortWatch(state.plan);
    this.#intervals ??= new IntervalLogReplay(metricsFor(state), [...first, ...later], watch);
    return this.#intervals;
  }
}

/** What every log of an ended run has. A log cut off at its end is not seen by the chain. */
function missingEvents({ last, state, summaryFrom }: RunLogReplay): readonly Difference[] {
  if (state.phase === "refused") return [];
  const missing = (type: string, message: string): Difference => ({ in: "run log", type, message });
  const end = last === undefined ? "is empty" : `ends with ${last.envelope.type}, sequence ${last.sequence}`;
  return [
    ...(summaryFrom !== undefined && state.summary === undefined
      ? [missing("SummaryRecorded", "run log: SummaryRecorded is missing; the summary was made again")]
      : []),
    ...(state.verdict === undefined
      ? [
          missing(
            "VerdictGiven",
            `run log: it ${end}: the run is still open, or its end with VerdictGiven is missing`,
          ),
        ]
      : []),
  ];
}

/** A run that a threshold has ended shows the same breach again, at the same interval of root's log. */
function evidenceDifferences({ evidence }: RunState, replayed: Evidence | undefined): readonly Difference[] {
  return evidence === undefined ? [] : differencesIn("evidence", evidence, replayed);
}

function summaryDifferences(stored: RunState["summary"], replayed: Summary | undefined) {
  if (stored === undefined || replayed === undefined) return [];
  if (canonicalJson(stored.document) !== canonicalJson(replayed.document)) {
    return differencesIn("summary", stored.document, replayed.document);
  }
  const [was, is] = [{ sha256: stored.sha256 }, { sha256: replayed.sha256 }];
  return differencesIn("summary", was, is);
}

/** The verdict follows from the state before it and from the summary, which is the one made again. */
function verdictDifferences({ state, verdictFrom }: RunLogReplay, summary: Summary | undefined) {
  if (state.verdict === undefined || verdictFrom === undefined || summary === undefined) return [];
  const { document, sha256 } = summary;
  const judged = { ...verdictFrom, summary: { intervals: 0, sha256, document } };
  return differencesIn("verdict", state.verdict, verdictOf(judged, findingsOf(judged)));
}

/** A later revision follows from the state before it and from the intervals that it had read. */
function revisionDifferences({ from, stored }: Revision, replayed: Summary | undefined) {
  if (replayed === undefined) return [];
  const { exitCode, intervals, message, outcome, sha256, summary: document } = stored;
  return [
    ...summaryDifferences({ intervals, sha256, document }, replayed),
    ...differencesIn(
      "verdict",
      { outcome, exitCode, message },
      verdictOf(from, findingsIn(replayed.document)),
    ),
  ];
}
