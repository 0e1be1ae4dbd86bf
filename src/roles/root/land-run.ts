/**
 * Lands one run exactly once. Its rows are a pure function of its logs, each insert has a token, and before the run
 * counts as landed its counts and sums are compared with the log's own. On any doubt everything of it is deleted and
 * landed again as the next attempt. Whoever continues an attempt makes the same inserts, and an earlier leader that wakes
 * up can do no harm: its rows are of an attempt that does not count, and it deletes none of a later one.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import { type Block, BlockCutter, insertToken, runToken } from "../../domain/history/blocks.ts";
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
      const begun = yield* beginAttempt(self, store, log, tries === 0);
      if (begun === undefined) return { kind: "nothing-to-do" };
      const written = yield* write(self.tenure.server, store, begun);
      if (written.difference === undefined) return yield* tellLanded(self, begun, written.rows);
      reason = written.difference;
    }
    return { kind: "given-up", reason };
  });

/** Whether ClickHouse lacks a run that is to be there. */
export const wantsLanding = (server: Server, run: string): Effect.Effect<boolean, ServerError> =>
  Effect.map(readRun(server, run), ({ state }) => awaitsLanding(state));

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

/**
 * Goes on with the attempt that an earlier leader began, or begins one; then what earlier ones left is deleted. The run as
 * it is to land: it is read again, for its report may have been revised just before the attempt was decided.
 */
const beginAttempt = Effect.fnUntraced(function* (
  self: Root,
  store: HistoryStore,
  log: LandableRun,
  mayContinue: boolean,
) {
  const { isOpen, run, state } = log;
  if (isOpen && mayContinue) return log;
  const after = yield* decideOn(self, run, { type: "Land" });
  if (after === undefined || after.landing <= state.landing) return undefined;
  const begun = yield* readRun(self.tenure.server, run);
  // Another leader's attempt by now: that leader lands it.
  if (begun.state.landing !== after.landing) return undefined;
  yield* store.removeBefore(run, after.landing);
  return begun;
});

interface Written {
  readonly rows: Readonly<Record<string, number>>;
  /** Why it does not count. */
  readonly difference: string | undefined;
}

const write = Effect.fnUntraced(function* (server: Server, store: HistoryStore, log: LandableRun) {
  const { report, run } = log;
  const attempt = log.state.landing;
  const names = new SeriesNames();
  yield* server.log.scan(RUN_INTERVALS, subjects.runInterval(run), ({ data }) => names.add(data));
  const cutter = new BlockCutter(clockOf(log), names, report.intervals);
  const present = yield* store.blocks(run, attempt);
  yield* eachBlock(server, run, cutter, (block) => insert(store, run, block, attempt, present));
  // The last insert: from here on the rows of this attempt are those that count.
  const token = runToken(run, report.revision, attempt);
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
  { report, run, state: { landing } }: LandableRun,
  cutter: BlockCutter,
) {
  const { totals } = cutter;
  const stored = yield* store.report(run);
  const isReport =
    stored?.attempt === landing && stored.revision === report.revision && stored.sha256 === report.sha256;
  const isWhole = cutter.isWhole ? undefined : "root's interval log is shorter than its report says";
  const difference =
    isWhole ??
    (isReport ? undefined : "the run's own row is missing or another one") ??
    differenceOf(totals, yield* store.totals(run, landing));
  return { rows: { runs: 1, ...rowCounts(totals) }, difference } satisfies Written;
});

/**
 * Hands on block by block; the log waits while one is written. Ends where the log now ends, even when that is before what
 * the report says, and when it is removed meanwhile.
 */
const eachBlock = (
  server: Server,
  run: string,
  cutter: BlockCutter,
  use: (block: Block) => Effect.Effect<void, HistoryError>,
): Effect.Effect<void, LandError> =>
  Effect.gen(function* () {
    if (cutter.isWhole) return;
    const subject = subjects.runInterval(run);
    const last = yield* server.log.last(RUN_INTERVALS, subject);
    if (last === undefined) return;
    const done = yield* Deferred.make<void, HistoryError>();
    const reading = server.log.follow(RUN_INTERVALS, [subject], 1, ({ data, sequence }) =>
      Effect.suspend(() => {
        const block = sequence <= last.sequence ? cutter.add(data) : undefined;
        return block === undefined ? Effect.void : use(block);
      }).pipe(
        Effect.andThen(
          Effect.suspend(() =>
            cutter.isWhole || sequence >= last.sequence ? Deferred.succeed(done, undefined) : Effect.void,
          ),
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
        Effect.repeat({ until: (head) => (head?.sequence ?? 0) < last.sequence }),
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
