/** Opening a ClickHouse: tables are made once whoever comes at once, and what does not fit is refused in a sentence. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickHouseHistory } from "../../../src/clickhouse/history.ts";
import { type Located, placeOfUrl } from "../../../src/clickhouse/place.ts";
import { MIGRATIONS } from "../../../src/clickhouse/schema.ts";
import type { HistoryError } from "../../../src/ports/history.ts";
import { type PrivateClickHouse, startClickHouse } from "../../support/clickhouse.ts";

let clickhouse: PrivateClickHouse;
beforeAll(async () => {
  clickhouse = await startClickHouse();
});
afterAll(() => clickhouse.stop());

const open = (located: Located): Promise<void> =>
  clickHouseHistory(() => Promise.resolve(located)).open.pipe(
    Effect.asVoid,
    Effect.scoped,
    Effect.runPromise,
  );

const failure = (url: string): Promise<HistoryError> =>
  open(placeOfUrl(url)).then(
    () => expect.fail("it was opened"),
    (error: HistoryError) => error,
  );

/** Answers every request like this, as long as the test runs. */
async function answering(listener: RequestListener): Promise<{ url: string } & Disposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://mesh:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const versions = () =>
  clickhouse.ask("SELECT version, count() FROM mesh.migrations GROUP BY version ORDER BY version");
const once = MIGRATIONS.map(({ version }) => `${version}\t1`).join("\n");

describe("schema", () => {
  it("is made once when many processes come at once, and left alone by those who come later", async () => {
    const located = placeOfUrl(clickhouse.urlOf("mesh"));
    await Promise.all(Array.from({ length: 6 }, () => open(located)));
    expect(await versions()).toBe(once);
    const made = await clickhouse.ask(
      "SELECT name, metadata_modification_time FROM system.tables WHERE database = 'mesh'",
    );
    await open(located);
    expect(await versions()).toBe(once);
    expect(
      await clickhouse.ask(
        "SELECT name, metadata_modification_time FROM system.tables WHERE database = 'mesh'",
      ),
    ).toBe(made);
  });

  it("is finished by the next one who comes, when a process died in its middle", async () => {
    await open(placeOfUrl(clickhouse.urlOf("mesh")));
    await clickhouse.ask("DROP VIEW mesh.latest_runs");
    await clickhouse.ask("DROP TABLE mesh.rate_rows");
    await clickhouse.ask("TRUNCATE TABLE mesh.migrations");
    const crashed = placeOfUrl(clickhouse.urlOf("mesh"));
    await open(crashed);
    expect(await clickhouse.ask("SELECT count() FROM mesh.latest_runs")).toBe("0");
  });

  it("of a later version of mesh is left alone", async () => {
    await open(placeOfUrl(clickhouse.urlOf("mesh")));
    await clickhouse.ask("INSERT INTO mesh.migrations (version) VALUES (4711)");
    const error = await failure(clickhouse.urlOf("mesh"));
    expect(error).toMatchObject({
      reason: "refused",
      detail: expect.stringMatching(
        /^the tables in mesh at \S+ are of schema 4711, and this mesh knows \d+$/,
      ),
    });
    await clickhouse.ask("DELETE FROM mesh.migrations WHERE version = 4711");
  });

  it("keeps instants to the µs in UTC, and whole numbers whole", async () => {
    const types = await clickhouse.ask(
      "SELECT DISTINCT type FROM system.columns WHERE database = 'mesh' AND table IN ('run_rows', 'trend_rows', 'counter_rows', 'gauge_rows', 'rate_rows', 'migrations') AND (type LIKE '%DateTime%' OR type LIKE '%Float%')",
    );
    expect(types.split("\n").toSorted()).toEqual([
      "DateTime64(3, \\'UTC\\')",
      "DateTime64(6, \\'UTC\\')",
      "Nullable(DateTime64(6, \\'UTC\\'))",
    ]);
  });
});

describe("a trend of which every sample was rejected", () => {
  it("has no figures, rather than zeros", async () => {
    const located = placeOfUrl(clickhouse.urlOf("mesh"));
    await clickHouseHistory(() => Promise.resolve(located)).open.pipe(
      Effect.flatMap((store) => {
        const place = { run: "none", attempt: 1, interval: 0, window: 0, ts: "1790000000.000000" };
        const series = { metric: "cart", unit: "default", scenario: "", tags: {}, series: "7" };
        const row = { ...place, ...series, rejected: 3, count: 0, sum: "0", min: 0, max: 0, saturated: 0 };
        return store
          .insert({ table: "trends", rows: [{ ...row, v: [], c: [] }], token: "none/trends" })
          .pipe(
            Effect.andThen(
              store.insert({ table: "runs", rows: [{ run: "none", attempt: 1 }], token: "none/runs" }),
            ),
          );
      }),
      Effect.scoped,
      Effect.runPromise,
    );
    for (const [view, more] of [
      ["trend_summary", ", rejected"],
      ["trend_windows", ""],
    ] as const) {
      const figures = "count, avg, min, max, p50, p999";
      const answer = await clickhouse.ask(`SELECT ${figures}${more} FROM mesh.${view} WHERE run = 'none'`);
      const nothing = ["0", ...Array.from({ length: 5 }, () => "\\N")];
      expect(answer.split("\t")).toEqual(more === "" ? nothing : [...nothing, "3"]);
    }
  });
});

describe("ClickHouse that does not fit", () => {
  it("of 2018 is refused in one sentence that names both versions", async () => {
    using old = await answering((_, response) => response.end("18.16.1\n"));
    const error = await failure(old.url);
    expect(error.reason).toBe("refused");
    expect(error.message).toMatch(
      /^ClickHouse at http:\S+ is version 18\.16\.1, and mesh needs 24\.8 or newer; [^\n.]+$/,
    );
    expect(error.message).not.toContain("secret");
  });

  it("that is something else is refused", async () => {
    using other = await answering((_, response) => response.writeHead(404).end("<html>nothing here"));
    expect((await failure(other.url)).message).toMatch(/is no ClickHouse/);
  });

  it("that is not there may come later", async () => {
    const gone = await answering(() => {});
    gone[Symbol.dispose]();
    expect(await failure(gone.url)).toMatchObject({
      reason: "unavailable",
      detail: expect.stringMatching(/does not answer \(ECONNREFUSED\)$/),
    });
  });

  it("that does not know us is refused", async () => {
    const error = await failure(clickhouse.urlOf("mesh").replace(clickhouse.password("mesh"), "wrong"));
    expect(error).toMatchObject({
      reason: "refused",
      detail: expect.stringMatching(/password is incorrect/),
    });
    expect(error.message).not.toMatch(/version 2|\n/);
  });

  it("without room says that its disk is full", async () => {
    const full =
      "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE) (version 26.7.2.1)";
    using server = await answering((request, response) => {
      if (request.url?.includes("version()") === true) return void response.end("26.7.2.1\n");
      return void response.writeHead(500, { "x-clickhouse-exception-code": "243" }).end(full);
    });
    expect(await failure(server.url)).toMatchObject({
      reason: "full",
      detail: expect.stringMatching(/^ClickHouse at \S+ has no room: its disk is full$/),
    });
  });
});
