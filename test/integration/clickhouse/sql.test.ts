/** A person's statement at a real ClickHouse: exact, bounded, cancelled when asked to, and failing in one sentence. */
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickHouseHistory } from "../../../src/clickhouse/history.ts";
import { type HistoryPlace, placeOfUrl } from "../../../src/clickhouse/place.ts";
import { askSql } from "../../../src/clickhouse/sql.ts";
import { type PrivateClickHouse, startClickHouse } from "../../support/clickhouse.ts";

let clickhouse: PrivateClickHouse;
let embedded: HistoryPlace;
beforeAll(async () => {
  clickhouse = await startClickHouse();
  const located = placeOfUrl(clickhouse.urlOf("mesh"));
  if (!("place" in located)) throw new Error(located.detail);
  await Effect.runPromise(Effect.scoped(clickHouseHistory(() => Promise.resolve(located)).open));
  const reader = { user: "reader", password: clickhouse.password("reader") };
  embedded = { ...located.place, reader, isReaderLimited: true };
});
afterAll(() => clickhouse.stop());

/** As MESH_CLICKHOUSE_URL has it: a user who may write. */
const named = (): HistoryPlace => ({ ...embedded, reader: embedded.writer, isReaderLimited: false });

async function ask(place: HistoryPlace, sql: string, signal = new AbortController().signal): Promise<string> {
  return askSql(place, { sql, format: "JSONEachRow", signal }, async ({ body }) => {
    let text = "";
    for await (const chunk of body) text += String(chunk);
    return text.trimEnd();
  });
}

const running = () =>
  clickhouse.ask(
    "SELECT count() FROM system.processes WHERE query LIKE '%system.numbers_mt%' AND query NOT LIKE '%processes%'",
  );

describe.each([
  ["embedded", () => embedded],
  ["of MESH_CLICKHOUSE_URL", named],
] as const)("SQL at the server %s", (_, place) => {
  it("is exact for whole numbers of any size", async () => {
    const sql =
      "SELECT 18446744073709551615::UInt64 AS u, -9007199254740993::Int64 AS i, 340282366920938463463374607431768211455::UInt128 AS b";
    expect(await ask(place(), sql)).toBe(
      '{"u":"18446744073709551615","i":"-9007199254740993","b":"340282366920938463463374607431768211455"}',
    );
  });

  it("finds our tables by their names alone", async () => {
    expect(await ask(place(), "SELECT count() AS n FROM runs")).toBe('{"n":"0"}');
  });

  it("that writes is refused", async () => {
    for (const sql of ["INSERT INTO runs (run) VALUES ('x')", "DROP TABLE runs", "TRUNCATE TABLE runs"]) {
      await expect(ask(place(), sql)).rejects.toMatchObject({
        name: "SqlError",
        reason: "not-allowed",
        message: expect.stringMatching(/^mesh sql only reads: [^\n]+$/),
      });
    }
    expect(await clickhouse.ask("SELECT count() FROM mesh.runs")).toBe("0");
  });

  it("that asks for too much is ended by the server, in one sentence", async () => {
    await expect(ask(place(), "SELECT * FROM system.numbers")).rejects.toMatchObject({
      reason: "limit",
      message: expect.stringMatching(/^the answer has more rows or bytes than it may \([^\n]+\)$/),
    });
  });

  it("that is wrong is told in the server's words", async () => {
    await expect(ask(place(), "SELECT nope FROM runs")).rejects.toMatchObject({
      reason: "mistake",
      message: expect.stringMatching(/^Unknown expression identifier `nope`[^\n]*$/),
    });
    await expect(ask(place(), "SELEC 1")).rejects.toMatchObject({ reason: "mistake" });
  });

  it("is cancelled on the server, too", async () => {
    const stop = new AbortController();
    const asked = ask(place(), "SELECT count() FROM system.numbers_mt", stop.signal);
    const outcome = asked.catch((error: unknown) => error);
    await expect.poll(running, { timeout: 5000 }).toBe("1");
    stop.abort();
    expect(await outcome).toMatchObject({ reason: "cancelled" });
    await expect.poll(running, { timeout: 5000 }).toBe("0");
  });
});

describe("a query that never ends", () => {
  it("is ended by the limit of its profile", { timeout: 60_000 }, async () => {
    const startMs = performance.now();
    await expect(ask(embedded, "SELECT count() FROM system.numbers_mt")).rejects.toMatchObject({
      reason: "limit",
      message: expect.stringMatching(/^the query took longer than it may and was ended \([^\n]+\)$/),
    });
    expect(performance.now() - startMs).toBeLessThan(45_000);
    expect(await running()).toBe("0");
  });
});
