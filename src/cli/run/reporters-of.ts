/** The reporters of a run, from the flags, the environment and the config file that ask for them. */
import { listIn } from "../environment-lists.ts";
import type { MeshConfig } from "../../script/config.ts";
import { chooseReporters, type Wishes } from "../report/choose.ts";
import { makeReporters, type Reporters, type ReportStreams } from "../report/reporters.ts";
import { type NextFlags, whereNext } from "../report/where-next.ts";

export interface ReportFlags extends NextFlags {
  readonly script: string;
  readonly reporter?: readonly string[] | undefined;
  readonly configured?: MeshConfig["reporter"];
  readonly json: Wishes["json"];
}

/** Throws Failure when what is asked for cannot be. */
export function reportersOf(flags: ReportFlags, streams: Pick<ReportStreams, "note" | "print">): Reporters {
  const wishes: Wishes = {
    flags: flags.reporter ?? [],
    variable: listIn("MESH_REPORTER"),
    config: [flags.configured ?? []].flat(),
    json: flags.json,
  };
  const chosen = chooseReporters(wishes, {
    isTerminal: process.stdout.isTTY,
    variables: process.env,
  });
  const next = (run: string) => whereNext(run, flags);
  return makeReporters(chosen, { ...streams, script: flags.script, next });
}
