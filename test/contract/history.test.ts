/** The contract of the history port (`src/ports/history.ts`), held by memory and by a real ClickHouse. */
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickHouseHistory } from "../../src/clickhouse/history.ts";
import { placeOfUrl } from "../../src/clickhouse/place.ts";
import { BlockCutter } from "../../src/domain/history/blocks.ts";
import { landable, runRow, withEvent } from "../../src/domain/history/landable-run.ts";
import { MEASURED_TABLES } from "../../src/domain/history/rows.ts";
import { SeriesNames } from "../../src/domain/history/series-rows.ts";
import { differenceOf } from "../../src/domain/history/totals.ts";
import type { History, HistoryStore } from "../../src/ports/history.ts";
import { MemoryHistory } from "../../src/ports/memory-history.ts";
import { type PrivateClickHouse, startClickHouse } from "../support/clickhouse.ts";
import { recordRun, STARTED_AT } from "../support/recorded-run.ts";

interface World {
  readonly name: string;
  readonly open: () => Promise<History>;
  readonly close: () => Promise<void>;
}

let clickhouse: PrivateClickHouse;
const worlds: readonly World[] = [
  { name: "memory", open: () => Promise.resolve(new MemoryHistory()), close: () => Promise.resolve() },
  {
    name: "ClickHouse",
    open: async () => {
      clickhouse = await startClickHouse();
      return clickHouseHistory(() => Promise.resolve(placeOfUrl(clickhouse.urlOf("mesh"))));
    },
    close: () => clickhouse.stop(),
  },
];

/** Everything that a run of 65 windows lands, and what the log says about it. */
function materialOf(run: string) {
  const { events, frames } = recordRun({ run, windows: 65 });
  const names = new SeriesNames();
  for (const frame of frames) names.add(frame);
  const cutter = new BlockCutter({ run, startAt: STARTED_AT, windowMs: 1000 }, names, frames.length);
  const blocks = frames.flatMap((frame) => cutter.add(frame) ?? []);
  const log = events.reduce((before, event) => withEvent(before, event, STARTED_AT), landable(run));
  return { blocks, totals: cutter.totals, row: runRow(log) };
}

describe.each(worlds)("history in $name", ({ close, open }) => {
  let history: History;
  beforeAll(async () => {
    history = await open();
  });
  afterAll(close);

  const using = (program: (store: HistoryStore) => Effect.Effect<void, Error>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(history.open, program)));

  const insertAll = (store: HistoryStore, { blocks, row }: ReturnType<typeof materialOf>, mark: string) =>
    Effect.gen(function* () {
      for (const { number, rows } of blocks) {
        for (const table of MEASURED_TABLES) {
          yield* store.insert({ table, rows: rows[table], token: `${row.run}/${table}/${number}/${mark}` });
        }
      }
      yield* store.insert({ table: "runs", rows: [row], token: `${row.run}/runs/${mark}` });
    });

  it("has nothing of a run that never came", () =>
    using((store) =>
      Effect.gen(function* () {
        expect(yield* store.report("nobody")).toBeUndefined();
        expect((yield* store.blocks("nobody")).trends.size).toBe(0);
        expect(yield* store.totals("nobody")).toEqual({ trends: {}, counters: {}, gauges: {}, rates: {} });
      }),
    ));

  it("gives back the counts and sums of what was written, to the last digit", () =>
    using((store) =>
      Effect.gen(function* () {
        const material = materialOf("sums");
        yield* insertAll(store, material, "a");
        expect(differenceOf(material.totals, yield* store.totals("sums"))).toBeUndefined();
        const blocks = yield* store.blocks("sums");
        for (const { number, rows } of material.blocks) {
          for (const table of MEASURED_TABLES) expect(blocks[table].get(number)).toBe(rows[table].length);
        }
        expect(yield* store.report("sums")).toMatchObject({ revision: 0, sha256: material.row.sha256 });
      }),
    ));

  it("takes what is said twice with one token once, and with another token again", () =>
    using((store) =>
      Effect.gen(function* () {
        const material = materialOf("twice");
        yield* insertAll(store, material, "a");
        yield* insertAll(store, material, "a");
        expect(differenceOf(material.totals, yield* store.totals("twice"))).toBeUndefined();
        yield* insertAll(store, material, "b");
        expect(differenceOf(material.totals, yield* store.totals("twice"))).toMatch(
          /^trends, \S+, rows: the log has \d+, ClickHouse \d+$/,
        );
      }),
    ));

  it("deletes everything of one run and nothing of another", () =>
    using((store) =>
      Effect.gen(function* () {
        const [goes, stays] = [materialOf("goes"), materialOf("stays")];
        yield* insertAll(store, goes, "a");
        yield* insertAll(store, stays, "a");
        yield* store.remove("goes");
        expect(yield* store.report("goes")).toBeUndefined();
        expect((yield* store.blocks("goes")).counters.size).toBe(0);
        expect(differenceOf(stays.totals, yield* store.totals("stays"))).toBeUndefined();
        yield* insertAll(store, goes, "b");
        expect(differenceOf(goes.totals, yield* store.totals("goes"))).toBeUndefined();
      }),
    ));

  it("shows the last revision of a report", () =>
    using((store) =>
      Effect.gen(function* () {
        const { row } = materialOf("revised");
        yield* store.insert({ table: "runs", rows: [{ ...row, revision: 1, sha256: "one" }], token: "r1" });
        yield* store.insert({ table: "runs", rows: [row], token: "r0" });
        expect(yield* store.report("revised")).toMatchObject({ revision: 1, sha256: "one" });
      }),
    ));
});
