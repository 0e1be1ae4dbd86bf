/** The contract of the history port (`src/ports/history.ts`), held by memory and by a real ClickHouse. */
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickHouseHistory } from "../../src/clickhouse/history.ts";
import { placeOfUrl } from "../../src/clickhouse/place.ts";
import type { RunEvent } from "../../streams/events/run.ts";
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
function materialOf(run: string, attempt = 1) {
  const { events, frames } = recordRun({ run, windows: 65 });
  const names = new SeriesNames();
  for (const frame of frames) names.add(frame);
  const cutter = new BlockCutter({ run, startAt: STARTED_AT, windowMs: 1000, attempt }, names, frames.length);
  const blocks = frames.flatMap((frame) => cutter.add(frame) ?? []);
  const tried: RunEvent = { type: "LandingAttempted", attempt };
  const log = [...events, tried].reduce(
    (before, event) => withEvent(before, event, STARTED_AT),
    landable(run),
  );
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
        expect((yield* store.blocks("nobody", 1)).trends.size).toBe(0);
        expect(yield* store.totals("nobody", 1)).toEqual({ trends: {}, counters: {}, gauges: {}, rates: {} });
      }),
    ));

  it("gives back the counts and sums of what was written, to the last digit", () =>
    using((store) =>
      Effect.gen(function* () {
        const material = materialOf("sums");
        yield* insertAll(store, material, "a");
        expect(differenceOf(material.totals, yield* store.totals("sums", 1))).toBeUndefined();
        const blocks = yield* store.blocks("sums", 1);
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
        expect(differenceOf(material.totals, yield* store.totals("twice", 1))).toBeUndefined();
        yield* insertAll(store, material, "b");
        expect(differenceOf(material.totals, yield* store.totals("twice", 1))).toMatch(
          /^trends, \S+, rows: the log has \d+, ClickHouse \d+$/,
        );
      }),
    ));

  it("deletes everything of earlier attempts at one run, and nothing of a later one or of another run", () =>
    using((store) =>
      Effect.gen(function* () {
        const [goes, stays] = [materialOf("goes"), materialOf("stays")];
        const later = materialOf("goes", 2);
        yield* insertAll(store, goes, "a");
        yield* insertAll(store, stays, "a");
        yield* store.removeBefore("goes", 1);
        expect(differenceOf(goes.totals, yield* store.totals("goes", 1))).toBeUndefined();
        yield* store.removeBefore("goes", 2);
        expect(yield* store.report("goes")).toBeUndefined();
        expect((yield* store.blocks("goes", 1)).counters.size).toBe(0);
        expect(differenceOf(stays.totals, yield* store.totals("stays", 1))).toBeUndefined();
        yield* insertAll(store, later, "b");
        yield* store.removeBefore("goes", 1);
        yield* store.removeBefore("goes", 2);
        expect(differenceOf(later.totals, yield* store.totals("goes", 2))).toBeUndefined();
        expect(yield* store.report("goes")).toMatchObject({ attempt: 2 });
      }),
    ));

  it("counts the rows of one attempt and none of another", () =>
    using((store) =>
      Effect.gen(function* () {
        const [first, second] = [materialOf("tries", 1), materialOf("tries", 2)];
        yield* insertAll(store, second, "b");
        yield* insertAll(store, first, "a");
        for (const attempt of [1, 2]) {
          expect(differenceOf(first.totals, yield* store.totals("tries", attempt))).toBeUndefined();
          const rows = (yield* store.blocks("tries", attempt)).counters.get(0);
          expect(rows).toBe(first.blocks[0]?.rows.counters.length);
        }
        expect(yield* store.report("tries")).toMatchObject({ attempt: 2 });
      }),
    ));

  it("shows the last revision of a report, even when an attempt at an earlier one comes later", () =>
    using((store) =>
      Effect.gen(function* () {
        const { row } = materialOf("revised");
        yield* store.insert({ table: "runs", rows: [{ ...row, revision: 1, sha256: "one" }], token: "r1" });
        yield* store.insert({ table: "runs", rows: [{ ...row, attempt: 7 }], token: "r0" });
        expect(yield* store.report("revised")).toMatchObject({ revision: 1, sha256: "one" });
      }),
    ));
});
