/**
 * From what a person writes to one run: its whole name, a beginning that only one run has, or `last`. Reads subjects
 * only; a server on which no root ever led has no runs.
 */
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";
import { TOKEN } from "../../../streams/schema/ids.ts";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import type { Asked, Server, ServerError } from "../../ports/server.ts";

export const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;

/** What was asked for names no run, or several. */
export class RunNotFound extends Data.TaggedError("RunNotFound")<{
  readonly asked: string;
  /** Runs that begin like this; empty when none does. */
  readonly candidates: readonly string[];
  readonly hint: string;
}> {
  override get message(): string {
    const { asked, candidates } = this;
    if (candidates.length === 0) return asked === LAST ? "there are no runs yet" : `there is no run ${asked}`;
    const more = candidates.length > SHOWN_MAX ? ", …" : "";
    return `${asked} is the beginning of ${candidates.length} runs: ${candidates.slice(0, SHOWN_MAX).join(", ")}${more}`;
  }
}

const LAST = "last";
const SHOWN_MAX = 5;

/** The run's whole name. */
export const findRun = (server: Server, asked: string): Effect.Effect<string, RunNotFound | ServerError> =>
  Effect.gen(function* () {
    if (asked === LAST) return yield* newestRun(server);
    if (!TOKEN.test(asked)) return yield* notFound(asked, []);
    const own = yield* runsWith(server, subjects.runLog(asked));
    if (own.length > 0) return asked;
    const candidates = (yield* runsWith(server, patterns.runEvents)).filter((run) => run.startsWith(asked));
    const [only] = candidates;
    return only !== undefined && candidates.length === 1 ? only : yield* notFound(asked, candidates);
  });

const notFound = (asked: string, candidates: readonly string[]): RunNotFound => {
  const hint = candidates.length === 0 ? "mesh runs lists them" : "write more of its name";
  return new RunNotFound({ asked, candidates, hint });
};

/** The run that was asked for last; where its beginning is missing, the one whose name sorts last. */
const newestRun = Effect.fnUntraced(function* (server: Server) {
  const runs = yield* runsWith(server, patterns.runEvents);
  const byName = runs.toSorted().at(-1);
  if (byName === undefined) return yield* notFound(LAST, []);
  const firsts = yield* Effect.forEach(["RunPlanned", "RunRefused"], (type) =>
    server.log.last(RUN_EVENTS, patterns.runEventsOf(type)),
  );
  const newest = firsts
    .filter((first) => first !== undefined)
    .toSorted((a, b) => b.sequence - a.sequence)
    .at(0);
  return newest === undefined ? byName : (parseSubject(newest.subject)?.run ?? byName);
});

/** Runs that have an event on these subjects. */
export const runsWith = (server: Server, pattern: string): Asked<readonly string[]> =>
  server.admin.subjects(RUN_EVENTS, pattern).pipe(
    Effect.map((found) => [...new Set(found.map((subject) => parseSubject(subject)?.run ?? ""))]),
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.succeed([]),
    ),
  );
