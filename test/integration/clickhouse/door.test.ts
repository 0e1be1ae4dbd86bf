/** The embedded engine lets everybody read files by its function `file`; `mesh sql` lets nobody ask for it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickHouseHistory } from "../../../src/clickhouse/history.ts";
import { type HistoryPlace, placeOfUrl } from "../../../src/clickhouse/place.ts";
import { askSql } from "../../../src/clickhouse/sql.ts";
import { type PrivateClickHouse, startClickHouse } from "../../support/clickhouse.ts";

const SECRET = "only-for-whoever-may";
let clickhouse: PrivateClickHouse;
let place: HistoryPlace;
let path: string;
beforeAll(async () => {
  clickhouse = await startClickHouse();
  const located = placeOfUrl(clickhouse.urlOf("mesh"));
  if (!("place" in located)) throw new Error(located.detail);
  await Effect.runPromise(Effect.scoped(clickHouseHistory(() => Promise.resolve(located)).open));
  const reader = { user: "reader", password: clickhouse.password("reader") };
  place = { ...located.place, reader, isReaderLimited: true };
  path = join(clickhouse.folder, "secret.txt");
  writeFileSync(path, SECRET);
});
afterAll(() => clickhouse.stop());

const ask = (sql: string): Promise<string> => {
  const { signal } = new AbortController();
  return askSql(place, { sql, format: "TSVRaw", signal }, async ({ body }) => {
    let text = "";
    for await (const chunk of body) text += String(chunk);
    return text.trimEnd();
  });
};

const READING = [
  "SELECT file('PATH')",
  "SELECT FILE('PATH')",
  "SELECT substring(upper(file('PATH')), 1, 30)",
  "WITH (SELECT file('PATH')) AS secret SELECT secret",
  "WITH (path -> file(path)) AS reads SELECT reads('PATH')",
  "SELECT * FROM (SELECT 1 AS one UNION ALL SELECT length(file('PATH')))",
  "SELECT 1 WHERE file('PATH') != ''",
  "SELECT `\\x66ile`('PATH')",
  "SELECT \"file\"('PATH')",
  "SELECT /* ' */ file('PATH') /* ' */",
  "SELECT arrayMap(file, ['PATH'])",
  "SELECT * APPLY file FROM (SELECT 'PATH' AS path)",
  "SELECT * APPLY(path -> file(path)) FROM (SELECT 'PATH' AS path)",
  "EXPLAIN SELECT file('PATH')",
  "EXPLAIN actions = 1 SELECT file('PATH')",
  "DESCRIBE (SELECT file('PATH'))",
  "SHOW TABLES FROM system WHERE file('PATH') != ''",
  "SHOW COLUMNS FROM one FROM system WHERE throwIf(1, file('PATH'))",
  "KILL QUERY WHERE query_id = file('PATH')",
  "SELECT 1 FORMAT CSV SETTINGS max_threads = 1; SELECT file('PATH')",
];

describe("the door of mesh sql", () => {
  it("stands before an engine that reads files, which is why it is there", async () => {
    expect(await clickhouse.ask(`SELECT file('${path}')`, "reader")).toBe(SECRET);
  });

  it.each(READING)("does not let through %s", async (sql) => {
    const error = await ask(sql.replaceAll("PATH", path)).then(
      (answer) => expect.fail(`it was answered: ${answer}`),
      (refused: Error & { reason: string }) => refused,
    );
    expect(error.name).toBe("SqlError");
    expect(error.message).not.toContain(SECRET);
    if (!sql.includes(";")) {
      expect(error).toMatchObject({
        reason: "not-allowed",
        message: "mesh sql only reads tables: the statement names file, which reads files of the machine",
      });
    }
  });

  it.each([
    ["SELECT 'file(''x'')\n Function file\n' = '' AS a", "0"],
    ["SELECT $$file('x')$$ -- file('x')", "file('x')"],
    ["/* file('x') */ SELECT 'it\\'s file' ;", "it's file"],
    ["SELECT 1 AS `a'b`, 'file' AS `c'd`", "1\tfile"],
    ["SELECT 'profile' AS my_file FORMAT TSVRaw", "profile"],
    ["SHOW TABLES LIKE 'file'", ""],
    ["SHOW TABLES LIKE 'latest%'", "latest_runs"],
    ["EXISTS TABLE runs", "1"],
  ])("lets through %s", async (sql, answer) => {
    expect(await ask(sql)).toBe(answer);
  });

  it("lets through what explains and describes", async () => {
    expect(await ask("EXPLAIN SELECT count() FROM runs WHERE script = 'file'")).not.toBe("");
    expect(await ask("DESCRIBE TABLE runs")).toMatch(/^run\tString/);
    expect(await ask("SHOW CREATE TABLE trends")).toMatch(/^CREATE VIEW/);
  });
});
