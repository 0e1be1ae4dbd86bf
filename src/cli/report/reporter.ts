/**
 * What a reporter is: it may follow a run, and is told how the run ended. It writes where it is told to and decides
 * nothing; what it reports is all in the run's log.
 */
import type { SummaryDocument } from "../../domain/summary/document.ts";
import type { NextStep } from "../../domain/summary/render.ts";
import type { Follower } from "../../roles/door/follow-run.ts";

export interface RunEnd {
  readonly document: SummaryDocument;
  /** True where the script's handleSummary gave output, which takes the place of the default summary, as in k6. */
  readonly isReplaced: boolean;
}

export interface Reporter {
  readonly follower?: Follower;
  readonly end: (end: RunEnd) => void;
  /** There is no summary: the run never was, or what carries it broke. */
  readonly broken?: (message: string) => void;
}

/** What a reporter may use. */
export interface Desk {
  readonly write: (text: string) => void;
  /** A line for people, on stderr. */
  readonly note: (line: string) => void;
  /** The script as the person named it. */
  readonly script: string;
  /** Commands that tell more of the run. */
  readonly next: (run: string) => readonly NextStep[];
  /** Whether `write` goes to this process's standard output. */
  readonly isStdout: boolean;
}
