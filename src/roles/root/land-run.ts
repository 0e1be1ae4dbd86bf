/**
 * Lands one run exactly once. Its rows are a pure function of its logs, each insert has a token, and before the run
 * counts as landed its counts and sums are compared with the log's own. On any doubt everything of it is deleted and
 * landed again as the next attempt. Whoever continues an attempt makes the same inserts.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import { type Block, BlockCutter, insertToken } from "../../domain/history/blocks.ts";
import { clockOf, type LandableRun, landable, runRow, withEvent } from "../../domain/history/landable-run.ts";
import { MEASURED_TABLES } from "../../domain/history/rows.ts";
import { SeriesNames } from "../../domain/history/series-rows.ts";
import { differenceOf, rowCounts } from "../../domain/history/totals.ts";
import { decodeBody } from "../../domain/log/codec.ts";
import { awaitsLanding } from "../../domain/run/state.ts";
import type { HistoryError, HistoryStore } from "../../ports/history.ts";
import type { Server, ServerError } from "../../ports/server.ts";
import { ATTEMPTS_MAX } from "./land-limits.ts";
import { decideOn, type Root } from "./self.ts";

type LandError = HistoryError | ServerError;

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;
const RUN_INTERVALS = { asset: "runIntervals", zone: "" } as const;

/** What became of it: `again` when the report was revised meanwhile. */
export type Landing =
  | { readonly kind: "landed" | "nothing-to-do" | "again" }
  | { readonly kind: "given-up"; readonly reason: string };

export const landRun = (self: Root, store: HistoryStore, run: string): Effect.Effect<Landing, LandError> =>
  Effect.gen(function* () {
    let reason = "";
    for (let tries = 0; tries < ATTEMPTS_MAX; tries += 1) {
      const log = yield* readRun(self.tenure.server, run);
      if (!awaitsLanding(log.state)) return { kind: "nothing-to-do" };
      const attempt = yield* beginAttempt(self, store, log, tries === 0);
      if (attempt === undefined) return { kind: "nothing-to-do" };
      const written = yield* write(self.tenure.server, store, log, attempt);
      if (written.difference === undefined) return yield* tellLanded(self, log, written.rows);
      reason = written.difference;
    }
    return { kind: "given-up", reason };
  });

const readRun = (server: Server, run: string) =>
  server.log
    .read(RUN_EVENTS, [subjects.runLog(run)])
    .pipe(
      Effect.map((messages) =>
        messages.reduce<LandableRun>(
          (before, { data, envelope }) =>
            withEvent(before, decodeBody("run event", envelope, data), envelope.time),
          landable(run),
        ),
      ),
    );

/** Goes on with the attempt that an earlier leader began, or begins one; then nothing of an earlier one is left. */
const beginAttempt = Effect.fnUntraced(function* (
  self: Root,
  store: HistoryStore,
  { isOpen, run, state }: LandableRun,
  mayContinue: boolean,
) {
  if (isOpen && mayContinue) return state.landing;
  const after = yield* decideOn(self, run, { type: "Land" });
  if (after === undefined || after.landing <= state.landing) return undefined;
  yield* store.remove(run);
  return after.landing;
});

interface Written {
  readonly rows: Readonly<Record<string, number>>;
  /** Why it does not count. */
  readonly difference: string | undefined;
}

const write = Effect.fnUntraced(function* (
  server: Server,
  store: HistoryStore,
  log: LandableRun,
  attempt: number,
) {
  const { report, run } = log;
  const names = new SeriesNames();
  yield* server.log.scan(RUN_INTERVALS, subjects.runInterval(run), ({ data }) => names.add(data));
  const cutter = new BlockCutter(clockOf(log), names, report.intervals);
  const present = yield* store.blocks(run);
  yield* eachBlock(server, run, cutter, (block) => insert(store, run, block, attempt, present));
  const last = Math.max(0, report.intervals - 1);
  const token = insertToken(run, "runs", { first: 0, last }, attempt);
  yield* store.insert({ table: "runs", rows: [runRow(log)], token });
  return yield* compare(store, log, cutter);
});

/** A block of which everything is there is not written again: its token may be forgotten by now. */
const insert = Effect.fnUntraced(function* (
  store: HistoryStore,
  run: string,
  block: Block,
  attempt: number,
  present: Effect.Success<ReturnType<HistoryStore["blocks"]>>,
) {
  for (const table of MEASURED_TABLES) {
    const rows = block.rows[table];
    const isThere = present[table].get(block.number) === rows.length;
    if (rows.length === 0 || isThere) continue;
    yield* store.insert({ table, rows, token: insertToken(run, table, block, attempt) });
  }
});

const compare = Effect.fnUntraced(function* (
  store: HistoryStore,
  { report, run }: LandableRun,
  cutter: BlockCutter,
) {
  const { totals } = cutter;
  const stored = yield* store.report(run);
  const isReport = stored?.revision === report.revision && stored.sha256 === report.sha256;
  const isWhole = cutter.isWhole ? undefined : "root's interval log is shorter than its report says";
  const difference =
    isWhole ??
    (isReport ? undefined : "the run's own row is missing or another one") ??
    differenceOf(totals, yield* store.totals(run));
  return { rows: { runs: 1, ...rowCounts(totals) }, difference } satisfies Written;
});

/** Hands on block by block; the log waits while one is written. Ends early when the log is removed meanwhile. */
const eachBlock = (
  server: Server,
  run: string,
  cutter: BlockCutter,
  use: (block: Block) => Effect.Effect<void, HistoryError>,
): Effect.Effect<void, LandError> =>
  Effect.gen(function* () {
    if (cutter.isWhole) return;
    const subject = subjects.runInterval(run);
    const done = yield* Deferred.make<void, HistoryError>();
    const reading = server.log.follow(RUN_INTERVALS, [subject], 1, ({ data }) =>
      Effect.suspend(() => {
        const block = cutter.add(data);
        return block === undefined ? Effect.void : use(block);
      }).pipe(
        Effect.andThen(
          Effect.suspend(() => (cutter.isWhole ? Deferred.succeed(done, undefined) : Effect.void)),
        ),
        // Nothing is read any more behind a block that could not be written.
        Effect.catchTag("HistoryError", (error) => Effect.andThen(Deferred.fail(done, error), Effect.never)),
        Effect.asVoid,
      ),
    );
    const gone = server.log
      .last(RUN_INTERVALS, subject)
      .pipe(
        Effect.delay("500 millis"),
        Effect.repeat({ until: (last) => last === undefined }),
        Effect.asVoid,
      );
    yield* Effect.raceAllFirst([Deferred.await(done), reading, gone]);
  });

/** Says that it landed, unless its report was revised while it did. */
const tellLanded = Effect.fnUntraced(function* (
  self: Root,
  { report, run }: LandableRun,
  rows: Written["rows"],
) {
  const { intervals, revision } = report;
  const after = yield* decideOn(self, run, { type: "Landed", revision, intervals, rows });
  const isSaid = after?.landed?.revision === revision;
  return { kind: isSaid ? "landed" : "again" } satisfies Landing;
});
