/** `mesh replay`: prints the summary made again from the streams, and what of it differs from what is stored. */
import * as Effect from "effect/Effect";
import { printableColours, printableLine } from "../../domain/printable.ts";
import type { Replayed } from "../../domain/replay/replay.ts";
import { renderSummary } from "../../domain/summary/render.ts";
import { findRun } from "../../roles/door/find-run.ts";
import { replayRun } from "../../roles/door/replay-run.ts";
import { atServer, type Note } from "../at-server.ts";
import type { PlaceFlags } from "../place.ts";
import { terminalLook } from "../report/terminal.ts";
import { bytesOf } from "../run/summary-outputs.ts";

export interface RunReplayed extends Replayed {
  readonly run: string;
}

export const replay = (asked: string, flags: PlaceFlags, note: Note): Promise<RunReplayed> =>
  atServer(flags, note, (server) =>
    Effect.gen(function* () {
      const run = yield* findRun(server, asked);
      return { run, ...(yield* replayRun(server, run)) };
    }),
  );

/** What the run printed: the script's own text where its handleSummary gave one, which is stored and not run again. */
export function replayedText({ run, state, summary }: RunReplayed): string {
  const own = (state.stages.summary?.value as { readonly stdout?: unknown } | null | undefined)?.stdout;
  if (own !== undefined) return ownText(bytesOf(own).toString());
  if (summary !== undefined) return renderSummary(summary, terminalLook());
  if (state.phase !== "refused") return "";
  const problems = state.problems.map(({ message, path }) => printableLine(`  ${path}: ${message}`));
  return `run ${run} was refused\n${problems.join("\n")}\n`;
}

/** Whoever looks at a run need not be who ran its script; a file gets what was printed, byte for byte. */
const ownText = (text: string): string => (process.stdout.isTTY ? printableColours(text) : text);

const SHOWN_MAX = 10;

/** For people, beside the summary. */
export function findingsText({ differences, events, intervals, run }: RunReplayed): string {
  const read = `${count(events, "event")} and ${count(intervals, "interval")}`;
  if (differences.length === 0) return `replayed ${run} from ${read}: nothing differs`;
  const [first, ...others] = differences.map(({ message }) => message);
  const more = others.length > SHOWN_MAX ? [`  … and ${others.length - SHOWN_MAX} more`] : [];
  return [
    `mesh: replayed ${run} from ${read}; it differs`,
    `  first: ${first}`,
    ...others.slice(0, SHOWN_MAX).map((message) => `  then:  ${message}`),
    ...more,
  ].join("\n");
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
