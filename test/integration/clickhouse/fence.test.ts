/** A leader that is paused in the middle of landing, and goes on after another one has landed the run. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { clickHouseHistory } from "../../../src/clickhouse/history.ts";
import { placeOfUrl } from "../../../src/clickhouse/place.ts";
import { BlockCutter } from "../../../src/domain/history/blocks.ts";
import { MEASURED_TABLES } from "../../../src/domain/history/rows.ts";
import { SeriesNames } from "../../../src/domain/history/series-rows.ts";
import {
  CurrentHistory,
  type History,
  type HistoryError,
  type HistoryStore,
} from "../../../src/ports/history.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { root } from "../../../src/roles/root/root.ts";
import { type PrivateClickHouse, startClickHouse } from "../../support/clickhouse.ts";
import { type RecordedRun, recordRun, STARTED_AT, storeRun } from "../../support/recorded-run.ts";

let clickhouse: PrivateClickHouse;
beforeAll(async () => {
  clickhouse = await startClickHouse();
});
afterAll(() => clickhouse.stop());

const real = (): History => clickHouseHistory(() => Promise.resolve(placeOfUrl(clickhouse.urlOf("mesh"))));

type Call = Effect.Effect<void, HistoryError>;

/** Never answers from the n-th call of a kind on; what it was asked to do may be done later. */
class Paused implements History {
  readonly late: Call[] = [];
  readonly #kind: "removeBefore" | "insert";
  #before: number;

  constructor(kind: "removeBefore" | "insert", before: number) {
    this.#kind = kind;
    this.#before = before;
  }

  readonly open = Effect.map(real().open, (store): HistoryStore => ({
    ...store,
    removeBefore: (run, attempt) => this.#call("removeBefore", store.removeBefore(run, attempt)),
    // So late that the server has forgotten the tokens of before.
    insert: (batch) =>
      this.#call("insert", store.insert(batch), store.insert({ ...batch, token: `${batch.token}/late` })),
  }));

  #call(kind: "removeBefore" | "insert", call: Call, late = call): Call {
    return Effect.suspend(() => {
      if (kind !== this.#kind || this.#before-- > 0) return call;
      this.late.push(late);
      return Effect.never;
    });
  }
}

const startRoot = (server: Server, name: string, history: History) =>
  root({ name, note: () => {}, landNow: true }).pipe(
    Effect.provideService(Own, server),
    Effect.provideService(CurrentHistory, history),
    Effect.forkChild,
  );

const until = <E>(isTrue: Effect.Effect<boolean, E>) =>
  isTrue.pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (yes: boolean) => yes }),
    Effect.timeout("30 seconds"),
  );

const untilLanded = (server: Server, run: string) =>
  until(
    Effect.map(
      server.log.last({ asset: "runEvents", zone: "" }, subjects.runEvent(run, "HistoryLanded")),
      (landed) => landed !== undefined,
    ),
  );

const onHub = <A>(program: (server: Server) => Effect.Effect<A, Error>): Promise<A> => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  return program(memoryServer(hub)).pipe(Effect.scoped, Effect.runPromise);
};

/** Rows by table, and the sum of all counters, as the log has them. */
function expected({ frames, run }: RecordedRun): readonly string[] {
  const names = new SeriesNames();
  for (const frame of frames) names.add(frame);
  const clock = { run, startAt: STARTED_AT, windowMs: 1000, attempt: 1 };
  const cutter = new BlockCutter(clock, names, frames.length);
  const blocks = frames.flatMap((frame) => cutter.add(frame) ?? []);
  const rows = MEASURED_TABLES.map((table) =>
    String(blocks.reduce((sum, block) => sum + block.rows[table].length, 0)),
  );
  const { counters, trends } = cutter.totals;
  return ["1", ...rows, counters["http_reqs"]?.["value"] ?? "", trends["http_req_duration"]?.["count"] ?? ""];
}

/** What people see. */
async function seen(run: string): Promise<readonly string[]> {
  const count = (table: string) => `(SELECT count() FROM mesh.${table} WHERE run = '${run}')`;
  const counts = ["runs", ...MEASURED_TABLES].map(count).join(", ");
  const answer = await clickhouse.ask(
    `SELECT ${counts}, (SELECT sum(value) FROM mesh.counters WHERE run = '${run}' AND metric = 'http_reqs'),
      (SELECT count FROM mesh.trend_summary WHERE run = '${run}' AND metric = 'http_req_duration')`,
    "reader",
  );
  return answer.split("\t");
}

const raw = (run: string) => clickhouse.ask(`SELECT count() FROM mesh.counter_rows WHERE run = '${run}'`);

/** A begins the attempt and is paused, B lands the run, A does what it was about to do. */
const overtaken = (recorded: RecordedRun, paused: Paused, by: History) =>
  onHub((server) =>
    Effect.gen(function* () {
      yield* storeRun(server, recorded);
      const first = yield* startRoot(server, "root-a", paused);
      yield* until(Effect.sync(() => paused.late.length > 0));
      yield* Fiber.interrupt(first);
      const second = yield* startRoot(server, "root-b", by);
      yield* untilLanded(server, recorded.run);
      yield* Fiber.interrupt(second);
      const before = yield* Effect.promise(() => seen(recorded.run));
      yield* Effect.forEach(paused.late, (call) => call);
      return [before, yield* Effect.promise(() => seen(recorded.run))];
    }),
  );

/** Has the attempt that it finds begun end in doubt: rows of it are there that the log does not have. */
const doubting = (run: string): History => ({
  open: Effect.map(real().open, (store): HistoryStore => {
    const wrong = { trends: {}, counters: {}, gauges: {}, rates: {} };
    const totals: HistoryStore["totals"] = (of, attempt) =>
      of === run && attempt === 1 ? Effect.succeed(wrong) : store.totals(of, attempt);
    return { ...store, totals };
  }),
});

describe("a leader of the past", () => {
  it("deletes nothing that a new leader has landed", async () => {
    const recorded = recordRun({ run: "late-delete", windows: 70 });
    const [before, after] = await overtaken(recorded, new Paused("removeBefore", 0), real());
    expect(before).toEqual(expected(recorded));
    expect(after).toEqual(expected(recorded));
  });

  it("deletes nothing of the attempt after its own, either", async () => {
    const recorded = recordRun({ run: "late-delete-2", windows: 70 });
    const [before, after] = await overtaken(recorded, new Paused("removeBefore", 0), doubting(recorded.run));
    expect(before).toEqual(expected(recorded));
    expect(after).toEqual(expected(recorded));
  });

  // Eight inserts of measured rows, then the run's own.
  it.each([0, 1, 5, 8])("adds nothing to what people see by its insert number %i", async (number) => {
    const recorded = recordRun({ run: `late-insert-${number}`, windows: 70 });
    const paused = new Paused("insert", number);
    const [before, after] = await overtaken(recorded, paused, doubting(recorded.run));
    expect(before).toEqual(expected(recorded));
    expect(after).toEqual(expected(recorded));
  });

  it("may leave rows that nobody sees", async () => {
    const recorded = recordRun({ run: "dead-rows", windows: 3 });
    await overtaken(recorded, new Paused("insert", 1), doubting(recorded.run));
    expect(Number(await raw(recorded.run))).toBe(2 * Number(expected(recorded)[2]));
    expect(await seen(recorded.run)).toEqual(expected(recorded));
  });
});
