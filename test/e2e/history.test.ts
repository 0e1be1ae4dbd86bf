/** `mesh run` lands, `mesh sql` answers: as a person meets them, with the ClickHouse of the npm package and without. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";

/** Where the engine would be found, and is not. */
const WITHOUT = { CHDB_LIBCHDB_PATH: "/nonexistent/libchdb.so" };

describe("history of runs", () => {
  let target: CountingTarget;
  beforeAll(async () => {
    target = await startCountingTarget();
  });
  afterAll(() => target.stop());

  const args = () => ["run", script("mixed"), "-e", `TARGET_URL=${target.url}`, "-e", "SECONDS=1"];
  const run = (home: MeshHome, ...more: readonly string[]) => home.run([...args(), "--json", ...more]);

  const rowsOf = async (home: MeshHome, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const { code, stderr, stdout } = await home.run(["sql", "--json", sql]);
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as Record<string, unknown>[];
  };

  it("is there for mesh sql as soon as mesh run has ended", async () => {
    await using home = createMeshHome();
    const done = await run(home, "--label", "ticket=SHOP-7");
    expect(done.stderr).not.toMatch(/history lands later/);
    const summary = JSON.parse(done.stdout) as Summary;
    const [row] = await rowsOf(home, "SELECT * FROM latest_runs");
    expect(row).toMatchObject({
      run: summary.run,
      outcome: summary.outcome,
      exit_code: done.code,
      iterations: String(summary.ledger.total.completed),
      requests: summary.metrics["http_reqs"]?.values["count"],
    });
    const [labels] = await rowsOf(home, "SELECT labels['ticket'] AS ticket FROM runs");
    expect(labels).toEqual({ ticket: "SHOP-7" });
    const [trend] = await rowsOf(home, "SELECT * FROM trend_summary WHERE metric = 'http_req_duration'");
    const { values } = summary.metrics["http_req_duration"] ?? { values: {} };
    expect(trend).toMatchObject({
      min: values["min"],
      max: values["max"],
      p50: values["med"],
      p95: values["p(95)"],
    });
    const table = await home.run([
      "sql",
      "SELECT metric, count FROM counter_summary WHERE metric = 'http_reqs'",
    ]);
    expect(table.stdout).toBe(`metric     count\nhttp_reqs  ${String(requestsIn(summary)).padStart(5)}\n`);
    const csv = await home.run(["sql", "--csv", "-"], {
      input: "SELECT run, 18446744073709551615 AS big FROM runs\n",
    });
    expect(csv.stdout).toBe(`"run","big"\n"${summary.run}",18446744073709551615\n`);
    const piped = await home.run(["sql", "SELECT number FROM system.numbers LIMIT 500000"], {
      through: "| head -2",
    });
    expect([piped.code, piped.stdout]).toEqual([0, "number\n     0\n"]);
  });

  it("keeps nobody waiting where there is no ClickHouse, and has the run once there is one", async () => {
    await using home = createMeshHome();
    const started = home.start(args(), { env: WITHOUT });
    await started.stdout.line(/exit \d+\) after/, 60_000);
    const shownMs = performance.now();
    const done = await started.exit();
    expect(performance.now() - shownMs).toBeLessThan(2500);
    expect(done.stderr.match(/history lands later: .*/g)).toEqual([
      expect.stringMatching(/ClickHouse's engine \(npm package chdb\) is not here/),
    ]);
    const events = (await home.run(["events", "last", "--json"])).stdout.trim().split("\n");
    const timeOf = (type: string): number => {
      const found = events.map((line) => JSON.parse(line) as { envelope: { type: string; time: number } });
      return found.find(({ envelope }) => envelope.type === type)?.envelope.time ?? Number.NaN;
    };
    expect(timeOf("VerdictGiven") - timeOf("ZoneFinished")).toBeLessThan(1_000_000);
    expect(timeOf("HistoryLanded")).toBeNaN();
    expect(await rowsOf(home, "SELECT count() AS n FROM runs")).toEqual([{ n: "1" }]);
  });

  it("has nothing of a run that does not want to", async () => {
    await using home = createMeshHome();
    await run(home, "--no-history");
    expect((await home.run(["status"])).stdout).not.toMatch(/clickhouse/i);
    expect(await rowsOf(home, "SELECT count() AS n FROM runs")).toEqual([{ n: "0" }]);
  });

  it("is asked in SQL that the person got wrong, and says so", async () => {
    await using home = createMeshHome();
    const wrong = async (sql: string) => {
      const { code, stderr, stdout } = await home.run(["sql", sql]);
      return [code, stdout, stderr.trim().split("\n")[0]];
    };
    expect(await wrong("SELECT nope FROM runs")).toEqual([
      2,
      "",
      expect.stringMatching(/^mesh: Unknown .*nope/),
    ]);
    expect(await wrong("DROP TABLE runs")).toEqual([
      2,
      "",
      expect.stringMatching(/^mesh: mesh sql only reads: /),
    ]);
    expect(await wrong("SELECT upper(File('/etc/hostname'))")).toEqual([
      2,
      "",
      expect.stringMatching(/^mesh: mesh sql only reads tables: the statement names file, /),
    ]);
    expect(await wrong(" ")).toEqual([2, "", "mesh: the statement is empty"]);
    const without = await home.run(["sql", "SELECT 1"], {
      env: { MESH_CLICKHOUSE_URL: "http://127.0.0.1:9" },
    });
    expect([without.code, without.stderr]).toEqual([
      111,
      expect.stringMatching(/^mesh: ClickHouse at http:\/\/127.0.0.1:9 does not answer/),
    ]);
  });

  it("is cancelled by Ctrl-C", async () => {
    await using home = createMeshHome();
    await home.run(["sql", "SELECT 1"]);
    const asked = home.start(["sql", "SELECT count() FROM system.numbers_mt"]);
    await expect
      .poll(() => home.processes().some(({ command }) => command.includes("clickhouse-main")), {
        timeout: 20_000,
      })
      .toBe(true);
    await expect
      .poll(
        async () =>
          (
            await home.run([
              "sql",
              "SELECT count() AS n FROM system.processes WHERE query LIKE '%numbers_mt%' AND query NOT LIKE '%processes%'",
              "--csv",
            ])
          ).stdout,
        { timeout: 20_000 },
      )
      .toContain("1");
    asked.signal("SIGINT");
    const { code, stderr } = await asked.exit(10_000);
    expect([code, stderr]).toEqual([130, expect.stringMatching(/the query was cancelled/)]);
  });
});

interface Summary {
  readonly run: string;
  readonly outcome: string;
  readonly ledger: { readonly total: { readonly completed: number } };
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
}

const requestsIn = ({ metrics }: Summary): number => metrics["http_reqs"]?.values["count"] ?? Number.NaN;
