/** The reporters of a run, from the flags that ask for them. */
import { listIn } from "../environment-lists.ts";
import { chooseReporters } from "../report/choose.ts";
import { makeReporters, type Reporters, type ReportStreams } from "../report/reporters.ts";
import { type NextFlags, whereNext } from "../report/where-next.ts";

export interface ReportFlags extends NextFlags {
  readonly script: string;
  readonly reporter?: readonly string[] | undefined;
  readonly json: boolean;
}

/** Throws Failure when what is asked for cannot be. */
export function reportersOf(flags: ReportFlags, streams: Pick<ReportStreams, "note" | "print">): Reporters {
  const wishes = { flags: flags.reporter ?? [], variable: listIn("MESH_REPORTER"), json: flags.json };
  const chosen = chooseReporters(wishes, {
    isTerminal: process.stdout.isTTY,
    variables: process.env,
  });
  const next = (run: string) => whereNext(run, flags);
  return makeReporters(chosen, { ...streams, script: flags.script, next });
}
