/**
 * Landing a run of one hour: three zones merged by root, ten trends with their counters, 3,600 windows. Root's role on the
 * memory server, a real ClickHouse from the npm package. Beside it the limit, in the same run: the same rows, made and
 * written as text beforehand, inserted by the same number of plain HTTP requests with nothing compared.
 *
 * Run: npm run bench:landing -- [windows]
 */
import * as Effect from "effect/Effect";
import { subjects } from "../../streams/subjects.ts";
import { clickHouseHistory } from "../../src/clickhouse/history.ts";
import { placeOfUrl } from "../../src/clickhouse/place.ts";
import { ROW_TABLES } from "../../src/clickhouse/tables.ts";
import { BlockCutter } from "../../src/domain/history/blocks.ts";
import { MEASURED_TABLES } from "../../src/domain/history/rows.ts";
import { SeriesNames } from "../../src/domain/history/series-rows.ts";
import { IntervalMerger } from "../../src/domain/interval/merger.ts";
import { builtin } from "../../src/domain/metric/builtin.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { CurrentHistory } from "../../src/ports/history.ts";
import { MemoryHub, memoryServer } from "../../src/ports/memory-server.ts";
import { Own, type Server } from "../../src/ports/server.ts";
import { root } from "../../src/roles/root/root.ts";
import { startClickHouse } from "../../test/support/clickhouse.ts";
import { recordRun, STARTED_AT, storeRun } from "../../test/support/recorded-run.ts";

const windows = Number(process.argv[2] ?? 3600);
const ZONES = ["eu.1", "us.1", "ap.1"];
const SERIES = 10;
/** Of each series, zone and window. */
const SAMPLES = 30;

let state = 1;
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

function zoneFrames(zone: string): Uint8Array[] {
  const recorder = new Recorder(zone, { scenario: "pages" });
  const series = Array.from({ length: SERIES }, (_, n) => {
    const tags = { name: `endpoint ${n}`, status: "200" };
    return (["http_req_duration", "http_reqs", "http_req_failed"] as const).map((metric) =>
      recorder.series(builtin(metric), tags),
    );
  });
  return Array.from({ length: windows }, (_, window) => {
    for (const [duration = 0, requests = 0, failed = 0] of series) {
      for (let n = 0; n < SAMPLES; n += 1) {
        recorder.add(duration, Math.round(20_000 * Math.exp(random() * 2 - random())));
        recorder.add(requests, 1);
        recorder.add(failed, random() < 0.01 ? 1 : 0);
      }
    }
    return recorder.close(window, { final: window === windows - 1, health: [] });
  });
}

function rootFrames(): Uint8Array[] {
  const merger = new IntervalMerger({ source: "root.0", windowMs: 1000, latenessMs: 500, children: ZONES });
  for (const zone of ZONES) for (const frame of zoneFrames(zone)) merger.offer(frame, 0);
  return merger.due(1e12).map((window) => merger.close(window));
}

const untilLanded = (server: Server, run: string) =>
  server.log
    .last({ asset: "runEvents", zone: "" }, subjects.runEvent(run, "HistoryLanded"))
    .pipe(Effect.delay("5 millis"), Effect.repeat({ until: (last) => last !== undefined }));

await using clickhouse = await startClickHouse();
const history = clickHouseHistory(() => Promise.resolve(placeOfUrl(clickhouse.urlOf("mesh"))));
await Effect.runPromise(Effect.scoped(history.open));

const frames = rootFrames();
const run = "hour";
const recorded = { ...recordRun({ run, windows: 1 }), frames };
const events = recorded.events.map((event) =>
  event.type === "SummaryRecorded" ? { ...event, intervals: frames.length } : event,
);
const hub = new MemoryHub();
hub.provision("hub", "");
const server = memoryServer(hub);
await Effect.runPromise(storeRun(server, { ...recorded, events }));

const landMs = await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const since = performance.now();
      yield* root({ name: "bench", note: () => {}, landNow: true }).pipe(
        Effect.provideService(Own, server),
        Effect.provideService(CurrentHistory, history),
        Effect.forkChild,
      );
      yield* untilLanded(server, run);
      return performance.now() - since;
    }),
  ),
);

const names = new SeriesNames();
for (const frame of frames) names.add(frame);
const clock = { run: "raw", startAt: STARTED_AT, windowMs: 1000, attempt: 1 };
const makeMs = performance.now();
const cutter = new BlockCutter(clock, names, frames.length);
const blocks = frames.flatMap((frame) => cutter.add(frame) ?? []);
const madeMs = performance.now() - makeMs;
const texts = blocks.flatMap(({ rows }) =>
  MEASURED_TABLES.flatMap((table) => {
    const text = rows[table].map((row) => JSON.stringify(row)).join("\n");
    return text === "" ? [] : [{ table, text, count: rows[table].length }];
  }),
);
const authorization = `Basic ${Buffer.from(`mesh:${clickhouse.password("mesh")}`).toString("base64")}`;
const rawSince = performance.now();
for (const { table, text } of texts) {
  const query = encodeURIComponent(`INSERT INTO mesh.${ROW_TABLES[table]} FORMAT JSONEachRow`);
  const url = `${clickhouse.url()}/?query=${query}&async_insert=0&wait_end_of_query=1`;
  const response = await fetch(url, { method: "POST", body: text, headers: { authorization } });
  if (!response.ok) throw new Error(await response.text());
}
const rawMs = performance.now() - rawSince;

const rows = texts.reduce((sum, { count }) => sum + count, 0);
const parts =
  "system.parts WHERE database = 'mesh' AND active AND table IN ('trend_rows', 'counter_rows', 'gauge_rows', 'rate_rows')";
await clickhouse.ask("OPTIMIZE TABLE mesh.trend_rows FINAL");
const [bytes = 0, stored = 0] = (await clickhouse.ask(`SELECT sum(bytes_on_disk), sum(rows) FROM ${parts}`))
  .split("\t")
  .map(Number);
const askSince = performance.now();
await clickhouse.ask("SELECT * FROM mesh.trend_summary WHERE run = 'hour'", "reader");
const askMs = performance.now() - askSince;

const perSecond = (ms: number): string => `${Math.round((rows / ms) * 1000).toLocaleString("en")} rows/s`;
const line = (what: string, ...figures: string[]) => console.log(what.padEnd(34), figures.join("  "));
line("run", `${windows} windows, ${ZONES.length} zones, ${SERIES} trends, ${rows.toLocaleString("en")} rows`);
line("landed, compared and recorded", `${(landMs / 1000).toFixed(2)} s`, perSecond(landMs));
line(
  "plain inserts of the same rows",
  `${(rawMs / 1000).toFixed(2)} s`,
  perSecond(rawMs),
  `(limit; ratio ${(rawMs / landMs).toFixed(2)})`,
);
line("of which making rows from the log", `${(madeMs / 1000).toFixed(2)} s`, perSecond(madeMs));
line("on disk", `${(bytes / 1e6 / 2).toFixed(1)} MB for the run`, `${(bytes / stored).toFixed(0)} bytes/row`);
line("trend_summary of the run", `${askMs.toFixed(0)} ms`);
