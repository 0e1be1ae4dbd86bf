/**
 * The set of reporters of one run: made from their names, fed with what a follower sees, and told the end. Whoever follows
 * a run uses it the same way, a `mesh run` as well as one who joins later.
 */
import type { SummaryDocument } from "../../domain/summary/document.ts";
import type { NextStep } from "../../domain/summary/render.ts";
import type { Follower } from "../../roles/door/follow-run.ts";
import { agentReporter } from "./agent.ts";
import type { Chosen, ReporterName } from "./choose.ts";
import { defaultReporter } from "./default.ts";
import { githubReporter } from "./github.ts";
import { jsonReporter, ndjsonReporter } from "./json.ts";
import { junitReporter } from "./junit.ts";
import type { Desk, Reporter, RunEnd } from "./reporter.ts";
import { streamedFile, wholeFile } from "./report-file.ts";

export interface ReportStreams {
  /** Text for standard output. */
  readonly print: (text: string) => void;
  /** A line for people, on stderr. */
  readonly note: (line: string) => void;
  /** The script as the person named it. */
  readonly script: string;
  /** Commands that tell more of the run. */
  readonly next: (run: string) => readonly NextStep[];
}

export interface Reporters {
  /** False where progress is nobody's business. */
  readonly hasProgress: boolean;
  /** Whether stdout is for people, so that a script's own text may go there. */
  readonly isForPeople: boolean;
  /** Whether stdout is one JSON document, so that an error must be one, too. */
  readonly isJson: boolean;
  readonly follower: Follower;
  /** Call once; files are written here. */
  readonly end: (document: SummaryDocument | undefined, isReplaced: boolean) => void;
  /** Call instead of `end` when there will be none. */
  readonly broken: (message: string) => void;
}

const MAKERS: Readonly<Record<ReporterName, (desk: Desk) => Reporter>> = {
  default: defaultReporter,
  json: jsonReporter,
  ndjson: ndjsonReporter,
  junit: junitReporter,
  github: githubReporter,
  agent: agentReporter,
};

export function makeReporters(chosen: readonly Chosen[], streams: ReportStreams): Reporters {
  const { print, ...rest } = streams;
  const desks = chosen.map(({ file, name }) => {
    const open = name === "ndjson" ? streamedFile : wholeFile;
    const outlet = file === undefined ? undefined : open(file, `reporter ${name}`, rest.note);
    const desk: Desk = { ...rest, write: outlet?.write ?? print, isStdout: outlet === undefined };
    return { reporter: MAKERS[name](desk), close: outlet?.close };
  });
  const finish = (tell: (reporter: Reporter) => void) => {
    for (const { close, reporter } of desks) {
      tell(reporter);
      close?.();
    }
  };
  const broken = (message: string) => finish((reporter) => reporter.broken?.(message));
  const onScreen = chosen.filter(({ file }) => file === undefined).map(({ name }) => name);
  return {
    hasProgress: !onScreen.includes("agent"),
    isForPeople: onScreen.includes("default"),
    isJson: onScreen.includes("json"),
    follower: followAll(desks.map(({ reporter }) => reporter.follower ?? {})),
    end: (document, isReplaced) => {
      if (document === undefined) return broken("the run ended without a summary");
      const end: RunEnd = { document, isReplaced };
      finish((reporter) => reporter.end(end));
    },
    broken,
  };
}

/** One follower that tells several, in their order. */
export const followAll = (followers: readonly Follower[]): Follower => ({
  onEvent: (event, stored, view) => {
    for (const { onEvent } of followers) onEvent?.(event, stored, view);
  },
  onInterval: (view, stored, head) => {
    for (const { onInterval } of followers) onInterval?.(view, stored, head);
  },
});
