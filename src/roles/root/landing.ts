/**
 * Lands runs beside root's mailbox: those that earlier leaders left, then each that gets its verdict or a revised report.
 * One at a time, never while load runs, and never on the way to a verdict: what goes wrong here becomes a note and is
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
import { landRun, type Landing } from "./land-run.ts";
import type { Root } from "./self.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;
const NEWS = ["VerdictGiven", "ReportRevised"].map((type) => patterns.runEventsOf(type));

/** Runs that wait to land: those that have just ended before those that were left behind, for somebody waits for them. */
class Backlog {
  readonly #ended: string[] = [];
  readonly #left: string[] = [];
  readonly #news = new Signal();

  ended(run: string): void {
    this.#ended.push(run);
    this.#news.bump();
  }

  left(runs: readonly string[]): void {
    this.#left.push(...runs);
    this.#news.bump();
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

/** For as long as root leads; for ever idle where there is no history. */
export const landing = (self: Root): Effect.Effect<never, ServerError> =>
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
      Effect.flatMap((run) => landInTime(self, history, run)),
      Effect.forever,
    );
    return yield* Effect.raceAllFirst([listening, leftovers, landingAll]);
  });

/** Until it has landed, or will not under this leader. */
const landInTime = Effect.fnUntraced(function* (self: Root, history: History, run: string) {
  let told = "";
  for (let tries = 0; ; tries += 1) {
    yield* untilQuiet(self);
    const outcome = yield* landOnce(self, history, run);
    if (outcome.kind === "again") continue;
    if (outcome.kind !== "later") return outcome.kind === "given-up" ? tell(self, outcome.reason) : undefined;
    const { error } = outcome;
    if (told !== error.message) tell(self, error.message);
    told = error.message;
    if (isForGood(error)) return yield* Effect.never;
    const afterMs = Math.min(limits.AGAIN_AFTER_MAX_MS, limits.AGAIN_AFTER_MS * 2 ** Math.min(tries, 10));
    yield* Effect.sleep(afterMs);
  }
});

/** `mesh run` waits for its run to land, and reads this line as the reason not to. */
const tell = ({ options }: Root, why: string): void =>
  options.note(`history lands later: ${why.replaceAll(/\s+/g, " ")}`);

/** Nothing that time alone will change. */
const isForGood = (error: HistoryError | ServerError): boolean =>
  error._tag === "HistoryError" && (error.reason === "absent" || error.reason === "refused");

type Outcome = Landing | { readonly kind: "later"; readonly error: HistoryError | ServerError };

/** The log of one run may be unreadable, and that must not keep the others from landing. */
const landOnce = (self: Root, history: History, run: string): Effect.Effect<Outcome> =>
  Effect.scoped(Effect.flatMap(history.open, (store) => landRun(self, store, run))).pipe(
    Effect.catch((error): Effect.Effect<Outcome> => Effect.succeed({ kind: "later", error })),
    Effect.catchDefect((defect): Effect.Effect<Outcome> => {
      const reason = `run ${run}: ${defect instanceof Error ? defect.message : String(defect)}`;
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
