/**
 * Lands runs beside root's mailbox: those that earlier leaders left, then each that gets its verdict or a revised report.
 * One at a time, begun when no load runs, and never on the way to a verdict: what goes wrong here becomes a note and is
 * tried again, or left to the next leader.
 */
import * as Effect from "effect/Effect";
import { parseSubject, patterns } from "../../../streams/subjects.ts";
import { isOver } from "../../domain/run/state.ts";
import { CurrentHistory, type History, type HistoryError } from "../../ports/history.ts";
import type { ServerError } from "../../ports/server.ts";
import { Signal } from "../../ports/signal.ts";
import { unlandedRuns } from "../unlanded.ts";
import * as limits from "./land-limits.ts";
import { landRun, type Landing, wantsLanding } from "./land-run.ts";
import type { Root } from "./self.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;
const NEWS = ["VerdictGiven", "ReportRevised"].map((type) => patterns.runEventsOf(type));

/** Runs that wait to land: those that have just ended before those that were left behind, for somebody waits for them. */
class Backlog {
  readonly #ended: string[] = [];
  readonly #left: string[] = [];
  readonly #news = new Signal();
  /** Failed tries of each run that has not landed, and what was told about it last. */
  readonly #failures = new Map<string, { readonly tries: number; readonly told: string }>();

  ended(run: string): void {
    this.#ended.push(run);
    this.#news.bump();
  }

  left(runs: readonly string[]): void {
    this.#left.push(...runs);
    this.#news.bump();
  }

  succeeded(run: string): void {
    this.#failures.delete(run);
  }

  /** When to try again, and whether the reason is another one than before. */
  failed(run: string, message: string): { readonly afterMs: number; readonly isNews: boolean } {
    const { told, tries } = this.#failures.get(run) ?? { told: "", tries: 0 };
    this.#failures.set(run, { told: message, tries: tries + 1 });
    const afterMs = Math.min(limits.AGAIN_AFTER_MAX_MS, limits.AGAIN_AFTER_MS * 2 ** tries);
    return { afterMs, isNews: told !== message };
  }

  take(): Effect.Effect<string> {
    return Effect.suspend(() => {
      const { version } = this.#news;
      const run = this.#ended.shift() ?? this.#left.shift();
      return run === undefined
        ? Effect.flatMap(this.#news.changed(version), () => this.take())
        : Effect.succeed(run);
    });
  }
}

/** For as long as root leads. A question that stays without an answer here is no reason to lead no longer. */
export const landing = (self: Root): Effect.Effect<never> =>
  landAll(self).pipe(
    Effect.catchTag("ServerError", ({ message }) =>
      Effect.sync(() => tell(self, message)).pipe(Effect.andThen(Effect.sleep(limits.LISTEN_AGAIN_AFTER))),
    ),
    Effect.forever,
  );

/** For ever idle where there is no history. */
const landAll = (self: Root): Effect.Effect<never, ServerError> =>
  Effect.gen(function* () {
    const history = yield* CurrentHistory;
    if (history === undefined) return yield* Effect.never;
    const { server } = self.tenure;
    const backlog = new Backlog();
    const heads = yield* Effect.forEach(NEWS, (pattern) => server.log.last(RUN_EVENTS, pattern));
    const from = Math.max(0, ...heads.map((head) => head?.sequence ?? 0)) + 1;
    const listening = server.log.follow(RUN_EVENTS, NEWS, from, ({ subject }) =>
      Effect.sync(() => backlog.ended(parseSubject(subject)?.run ?? "")),
    );
    const leftovers = unlandedRuns(server).pipe(
      Effect.delay(self.options.landNow === true ? 0 : limits.LEFTOVERS_AFTER),
      Effect.map((runs) => backlog.left(runs)),
      Effect.andThen(Effect.never),
    );
    const landingAll = backlog.take().pipe(
      Effect.flatMap((run) => landInTime(self, history, backlog, run)),
      Effect.forever,
    );
    return yield* Effect.raceAllFirst([listening, leftovers, landingAll]);
  });

/** One try. A run that fails comes back after a while and keeps no other one waiting. */
const landInTime = Effect.fnUntraced(function* (self: Root, history: History, backlog: Backlog, run: string) {
  yield* untilQuiet(self);
  const outcome = yield* landOnce(self, history, run);
  if (outcome.kind === "again") backlog.ended(run);
  if (outcome.kind === "given-up") tell(self, `run ${run}: ${outcome.reason}`);
  if (outcome.kind !== "later") return backlog.succeeded(run);
  const { error } = outcome;
  const { afterMs, isNews } = backlog.failed(run, error.message);
  const concerns = isForGood(error) ? "" : `run ${run}: `;
  if (isNews) tell(self, `${concerns}${error.message}`);
  if (isForGood(error)) return yield* Effect.never;
  yield* Effect.sync(() => backlog.left([run])).pipe(Effect.delay(afterMs), Effect.forkChild);
});

/** `mesh run` waits for its run to land, and reads this line as the reason not to, if it names that run or none. */
const tell = ({ options }: Root, why: string): void =>
  options.note(`history lands later: ${why.replaceAll(/\s+/g, " ")}`);

/** Nothing that changes while this process lives. Whoever is refused may be let in by a person meanwhile. */
const isForGood = (error: HistoryError | ServerError): boolean =>
  error._tag === "HistoryError" && error.reason === "absent";

type Outcome = Landing | { readonly kind: "later"; readonly error: HistoryError | ServerError };

/**
 * The log of one run may be unreadable, and that must not keep the others from landing. The history is opened only for
 * a run that wants to be there: opening it starts a server.
 */
const landOnce = (self: Root, history: History, run: string): Effect.Effect<Outcome> =>
  wantsLanding(self.tenure.server, run).pipe(
    Effect.flatMap((wants): Effect.Effect<Outcome, HistoryError | ServerError> =>
      wants
        ? Effect.scoped(Effect.flatMap(history.open, (store) => landRun(self, store, run)))
        : Effect.succeed({ kind: "nothing-to-do" }),
    ),
    Effect.catch((error): Effect.Effect<Outcome> => Effect.succeed({ kind: "later", error })),
    Effect.catchDefect((defect): Effect.Effect<Outcome> => {
      const reason = defect instanceof Error ? defect.message : String(defect);
      return Effect.succeed({ kind: "given-up", reason });
    }),
  );

const untilQuiet = (self: Root): Effect.Effect<void> =>
  Effect.suspend(() => {
    const untilMs = self.tenure.clock.elapsedMs() + limits.QUIET_WITHIN_MS;
    const isQuiet = () =>
      self.tenure.clock.elapsedMs() > untilMs ||
      [...self.runs.values()].every(({ journal }) => isOver(journal.state));
    return Effect.suspend(() =>
      isQuiet() ? Effect.succeed(true) : Effect.delay(Effect.sync(isQuiet), limits.LOOK_EVERY),
    ).pipe(Effect.repeat({ until: (quiet: boolean) => quiet }), Effect.asVoid);
  });
