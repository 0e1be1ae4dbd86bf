/** Landing with a real root role and a real ClickHouse, which dies at every place where it can. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { clickHouseHistory } from "../../../src/clickhouse/history.ts";
import { placeOfUrl } from "../../../src/clickhouse/place.ts";
import { BlockCutter } from "../../../src/domain/history/blocks.ts";
import { SeriesNames } from "../../../src/domain/history/series-rows.ts";
import { type Totals, SUMMED } from "../../../src/domain/history/totals.ts";
import { RunMetrics } from "../../../src/domain/summary/run-metrics.ts";
import type { Trend } from "../../../src/domain/metric/trend.ts";
import { type Batch, CurrentHistory, type History } from "../../../src/ports/history.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { root } from "../../../src/roles/root/root.ts";
import { type PrivateClickHouse, startClickHouse } from "../../support/clickhouse.ts";
import { recordRun, STARTED_AT, storeRun } from "../../support/recorded-run.ts";

let clickhouse: PrivateClickHouse;
beforeAll(async () => {
  clickhouse = await startClickHouse();
});
afterAll(() => clickhouse.stop());

const history = (): History => clickHouseHistory(() => Promise.resolve(placeOfUrl(clickhouse.urlOf("mesh"))));

/** Called around every insert. */
type Around = (batch: Batch, insert: Effect.Effect<void, Error>) => Effect.Effect<void, Error>;

const watched = (around: Around): History => ({
  open: Effect.map(history().open, (store) => ({
    ...store,
    insert: (batch) => around(batch, store.insert(batch)) as ReturnType<typeof store.insert>,
  })),
});

/** What the root that was started last has said. */
let notes: string[] = [];

const startRoot = (server: Server, own: History, name = "root-b") => {
  const said: string[] = [];
  notes = said;
  return root({ name, note: (line) => said.push(line), landNow: true }).pipe(
    Effect.provideService(Own, server),
    Effect.provideService(CurrentHistory, own),
    Effect.forkChild,
  );
};

const untilEvent = (server: Server, run: string, type: string) =>
  server.log
    .last({ asset: "runEvents", zone: "" }, subjects.runEvent(run, type))
    .pipe(
      Effect.delay("20 millis"),
      Effect.repeat({ until: (last) => last !== undefined }),
      Effect.timeout("30 seconds"),
    );

const onHub = <A>(program: (server: Server) => Effect.Effect<A, Error>): Promise<A> => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  return program(memoryServer(hub)).pipe(Effect.scoped, Effect.runPromise);
};

/** What the log says, computed by nobody who lands. */
function expected({ frames, run }: ReturnType<typeof recordRun>): Totals {
  const names = new SeriesNames();
  for (const frame of frames) names.add(frame);
  const cutter = new BlockCutter(
    { run, startAt: STARTED_AT, windowMs: 1000, attempt: 1 },
    names,
    frames.length,
  );
  for (const frame of frames) cutter.add(frame);
  return cutter.totals;
}

/** It is compared for trends alone, and by the landing itself. */
const withoutWeight = (columns: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(columns).filter(([column]) => column !== "weight"));

async function stored(run: string, table: keyof Totals): Promise<unknown> {
  const sums = SUMMED[table].map((column) => `toString(sum(toInt256(t.${column}))) AS ${column}`).join(", ");
  const text = await clickhouse.ask(
    `SELECT metric, toString(count()) AS rows, ${sums} FROM mesh.${table} AS t WHERE t.run = '${run}' GROUP BY metric FORMAT JSONEachRow`,
  );
  const rows = text.split("\n").map((line) => JSON.parse(line) as Record<string, string>);
  return Object.fromEntries(rows.map(({ metric = "", ...columns }) => [metric, columns]));
}

async function expectOnce(recorded: ReturnType<typeof recordRun>): Promise<void> {
  const want = expected(recorded);
  for (const table of ["trends", "counters", "gauges", "rates"] as const) {
    expect(await stored(recorded.run, table), table).toMatchObject(
      Object.fromEntries(
        Object.entries(want[table]).map(([metric, columns]) => [metric, withoutWeight(columns)]),
      ),
    );
  }
  expect(await clickhouse.ask(`SELECT count() FROM mesh.runs FINAL WHERE run = '${recorded.run}'`)).toBe("1");
}

describe("landing", () => {
  it("lands a run that an earlier leader left, and says so with its rows", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const recorded = recordRun({ run: "left-1", windows: 130 });
        const unwanted = recordRun({ run: "left-2", windows: 2, history: false });
        yield* storeRun(server, recorded);
        yield* storeRun(server, unwanted);
        yield* startRoot(server, history());
        yield* untilEvent(server, "left-1", "HistoryLanded");
        yield* Effect.promise(() => expectOnce(recorded));
        expect(
          yield* Effect.promise(() => clickhouse.ask("SELECT count() FROM mesh.runs WHERE run = 'left-2'")),
        ).toBe("0");
        const row = yield* Effect.promise(() =>
          clickhouse.ask(
            "SELECT revision, outcome, exit_code, started, planned FROM mesh.runs WHERE run = 'left-1'",
          ),
        );
        expect(row.split("\t")).toEqual(["0", "failed", "99", "2026-09-21 14:13:20.123456", "60"]);
      }),
    ));

  it("is exact and once, wherever ClickHouse dies and root with it", { timeout: 120_000 }, () =>
    onHub((server) =>
      Effect.gen(function* () {
        // Three blocks of four tables, and the run's own row.
        for (let dieAt = 0; dieAt <= 13; dieAt += 1) {
          const recorded = recordRun({ run: `dies-${dieAt}`, windows: 130, seed: dieAt });
          yield* storeRun(server, recorded);
          let inserts = 0;
          const dying = watched((_batch, insert) =>
            Effect.gen(function* () {
              if (inserts === dieAt) yield* Effect.promise(() => clickhouse.kill());
              inserts += 1;
              yield* insert;
              // After the last insert nothing follows that could be counted.
              if (inserts === 13 && dieAt === 13) yield* Effect.promise(() => clickhouse.kill());
            }),
          );
          const first = yield* startRoot(server, dying, `root-${dieAt}`);
          yield* untilNote(/history lands later/);
          expect(inserts).toBe(Math.min(13, dieAt + 1));
          yield* Fiber.interrupt(first);
          yield* Effect.promise(() => clickhouse.start());
          const second = yield* startRoot(server, history(), `root-${dieAt}b`);
          const landed = yield* untilEvent(server, recorded.run, "HistoryLanded");
          // The same attempt went on: nothing was in doubt.
          expect(JSON.parse(new TextDecoder().decode(landed?.data))).toMatchObject({ attempt: 1 });
          yield* Fiber.interrupt(second);
          yield* Effect.promise(() => expectOnce(recorded));
        }
      }),
    ),
  );

  it("goes on under the same leader when ClickHouse dies in the middle of an insert and comes back", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const recorded = recordRun({ run: "middle", windows: 70, samples: 200 });
        yield* storeRun(server, recorded);
        let inserts = 0;
        const dying = watched((_batch, insert) =>
          Effect.suspend(() => {
            inserts += 1;
            if (inserts !== 3) return insert;
            const pid = clickhouse.pid();
            return Effect.raceFirst(
              insert,
              Effect.sync(() => process.kill(pid, "SIGKILL")).pipe(
                Effect.delay("3 millis"),
                Effect.andThen(Effect.never),
              ),
            );
          }),
        );
        yield* startRoot(server, dying);
        yield* untilNote(/history lands later/).pipe(Effect.timeoutOption("5 seconds"));
        yield* Effect.promise(async () => {
          await clickhouse.kill().catch(() => undefined);
          await clickhouse.start();
        });
        yield* untilEvent(server, "middle", "HistoryLanded");
        yield* Effect.promise(() => expectOnce(recorded));
      }),
    ));

  it("deletes and lands again when rows are there twice or missing", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const recorded = recordRun({ run: "doubt", windows: 70 });
        yield* storeRun(server, recorded);
        let inserts = 0;
        const doubling = watched((batch, insert) =>
          Effect.gen(function* () {
            yield* insert;
            inserts += 1;
            if (inserts !== 2) return;
            const copy = Effect.flatMap(history().open, (store) =>
              store.insert({ ...batch, token: "another" }),
            );
            yield* Effect.scoped(copy);
          }),
        );
        yield* startRoot(server, doubling);
        const landed = yield* untilEvent(server, "doubt", "HistoryLanded");
        expect(JSON.parse(new TextDecoder().decode(landed?.data))).toMatchObject({ attempt: 2 });
        yield* Effect.promise(() => expectOnce(recorded));
      }),
    ));
});

const untilNote = (pattern: RegExp) =>
  Effect.sync(() => notes.some((line) => pattern.test(line))).pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: (isThere: boolean) => isThere }),
    Effect.timeout("20 seconds"),
  );

describe("quantiles in SQL", () => {
  it("equal root's, for any part of the tags and any percentile", { timeout: 60_000 }, () =>
    onHub((server) =>
      Effect.gen(function* () {
        const recorded = recordRun({ run: "quantiles", windows: 65, samples: 40, seed: 7 });
        yield* storeRun(server, recorded);
        yield* startRoot(server, history());
        yield* untilEvent(server, "quantiles", "HistoryLanded");
        const parts = [
          { status: "500" },
          { method: "POST", scenario: "shop" },
          { status: "302", method: "GET" },
          {},
        ];
        for (const tags of parts) {
          for (const percent of [0.1, 7, 33.3, 50, 90, 95, 99, 99.9, 99.99, 100]) {
            const sql = yield* Effect.promise(() => clickhouse.ask(quantileSql(tags, percent), "reader"));
            expect([tags, percent, Number(sql)]).toEqual([
              tags,
              percent,
              quantileOf(recorded.frames, tags, percent),
            ]);
          }
        }
        const summary = yield* Effect.promise(() =>
          clickhouse.ask(
            "SELECT p50, p99, p999, max FROM mesh.trend_summary WHERE run = 'quantiles' AND metric = 'http_req_duration'",
            "reader",
          ),
        );
        const whole = (percent: number) => quantileOf(recorded.frames, {}, percent) / 1000;
        expect(summary.split("\t").map(Number)).toEqual([whole(50), whole(99), whole(99.9), whole(100)]);
      }),
    ),
  );
});

const quantileSql = (tags: Readonly<Record<string, string>>, percent: number): string => {
  const where = Object.entries(tags).map(([name, value]) => `AND tags['${name}'] = '${value}'`);
  return `SELECT mesh_quantile(${percent}, sumMap(v, c), min(min), max(max)) FROM mesh.trends
    WHERE run = 'quantiles' AND metric = 'http_req_duration' ${where.join(" ")}`;
};

function quantileOf(
  frames: readonly Uint8Array[],
  tags: Readonly<Record<string, string>>,
  percent: number,
): number {
  const text = Object.entries(tags).map(([name, value]) => `${name}:${value}`);
  const selector = text.length === 0 ? "http_req_duration" : `http_req_duration{${text.join(",")}}`;
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: [selector] });
  for (const frame of frames) metrics.add(frame);
  return (metrics.cell(selector) as Trend).quantile(percent) ?? Number.NaN;
}
