/** The embedded ClickHouse: who may ask it, what its reader may do, how it ends, and why it does not start. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { holdKeeper, inspectKeeper } from "../../../src/keeper/keeper.ts";
import { needServer } from "../../../src/keeper/need-server.ts";
import { findNatsServer } from "../../../src/keeper/provision-nats.ts";
import { type PrivateClickHouse, startClickHouse, startIn } from "../../support/clickhouse.ts";
import { isRunning, keeperHome } from "./keeper-home.ts";

const within = (timeout: number) => ({ timeout, interval: 20 });
const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString("base64")}` });

describe("embedded ClickHouse", () => {
  let server: PrivateClickHouse;
  beforeAll(async () => {
    server = await startClickHouse();
    await server.ask("CREATE DATABASE mesh");
    await server.ask("CREATE TABLE mesh.t (n UInt64) ENGINE = MergeTree ORDER BY n");
  });
  afterAll(() => server.stop());

  it("answers nobody without a password, whatever way they come", async () => {
    const select = `${server.url()}/?query=SELECT+42`;
    const anonymous: readonly (readonly [string, RequestInit?])[] = [
      [select],
      [`${select}&user=default`],
      [`${select}&user=default&password=`],
      [`${select}&user=mesh&password=${server.password("mesh")}`], // only the header counts
      [`${select}&session_id=a&max_sessions_for_user=9`],
      [select, { headers: basic("default:") }],
      [`${select}&user=default&password=`, { headers: basic("mesh:wrong") }],
      [`${select}&user=default&password=&max_sessions_for_user=9`, { headers: basic("x:y") }],
      [select, { headers: { "x-clickhouse-user": "default" } }],
      [select, { headers: { ...basic("mesh:wrong"), "x-clickhouse-user": "default" } }],
      [select, { headers: basic("mesh:") }],
      [select, { headers: basic("reader:wrong") }],
      [`${server.url()}/ping`],
      [`${server.url()}/play`],
      [`${server.url()}/metrics`],
    ];
    for (const [url, init] of anonymous) {
      const response = await fetch(url, init);
      const text = await response.text();
      expect([url, response.ok, text.trim() === "42"]).toEqual([url, false, false]);
    }
    expect(await server.ask("SELECT 42")).toBe("42");
  });

  it("shows its passwords to nobody but the owner of the files", () => {
    const names = readdirSync(server.folder).filter((name) => name !== "data");
    for (const name of names) expect(statSync(join(server.folder, name)).mode & 0o077, name).toBe(0);
    expect(statSync(join(server.folder, "data")).mode & 0o077).toBe(0);
    const shown = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
    const texts = names.filter((name) => !name.endsWith(".password"));
    for (const user of ["mesh", "reader"] as const) {
      expect(shown).not.toContain(server.password(user));
      for (const name of texts) {
        expect(readFileSync(join(server.folder, name), "utf8")).not.toContain(server.password(user));
      }
    }
  });

  it.each([
    "INSERT INTO mesh.t VALUES (1)",
    "CREATE TABLE mesh.other (n UInt64) ENGINE = Memory",
    "CREATE TEMPORARY TABLE other (n UInt64)",
    "DROP TABLE mesh.t",
    "TRUNCATE TABLE mesh.t",
    "ALTER TABLE mesh.t DELETE WHERE 1",
    "DELETE FROM mesh.t WHERE 1",
    "CREATE USER eve",
    "CREATE FUNCTION f AS (x) -> x",
    "SYSTEM STOP LISTEN HTTP",
    "SYSTEM SHUTDOWN",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1:9000', system.one)",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'LineAsString')",
    "SELECT * FROM executable('sh', 'TSV', 'a String')",
    "SELECT 1 INTO OUTFILE '/tmp/mesh-outfile'",
    "SELECT 1 SETTINGS max_execution_time = 1000",
    "SELECT 1 SETTINGS readonly = 0",
    "SET max_result_rows = 0",
    "SELECT 1; SELECT 2",
  ])("lets its reader do no such thing: %s", async (sql) => {
    const answer = await server.ask(sql, "reader");
    expect(answer).toMatch(/\((?:ACCESS_DENIED|READONLY|INTO_OUTFILE_NOT_ALLOWED|SYNTAX_ERROR)\)/);
    expect(await server.ask("SELECT count() FROM mesh.t")).toBe("0");
  });

  it("lets its reader take no more than its profile says", async () => {
    const ask = async (settings: string) => {
      const response = await fetch(`${server.url()}/?query=SELECT+1&${settings}`, {
        headers: basic(`reader:${server.password("reader")}`),
      });
      return response.text();
    };
    for (const loosened of [
      "max_execution_time=1000",
      "max_result_rows=0",
      "max_memory_usage=0",
      "readonly=0",
    ]) {
      expect(await ask(loosened), loosened).toMatch(/READONLY/);
    }
    expect(await server.ask("SELECT * FROM system.numbers", "reader")).toMatch(/TOO_MANY_ROWS_OR_BYTES/);
    expect(await server.ask("SELECT groupArray(number) FROM system.numbers", "reader")).toMatch(
      /MEMORY_LIMIT/,
    );
    expect(await server.ask("SELECT getSetting('max_execution_time')", "reader")).toBe("30");
  });
});

describe("keeper that is asked for ClickHouse", () => {
  beforeAll(async () => {
    process.env["MESH_CACHE"] ??= "/tmp/mesh-test-cache";
    await findNatsServer();
  }, 200_000);

  it("starts it then and not before, once for all who ask, and again when it has died", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    const running = async () => (await inspectKeeper())?.servers ?? [];
    expect((await running()).map(({ name }) => name)).toEqual(["nats-server"]);
    const asked = await Promise.all([needServer("clickhouse"), needServer("clickhouse")]);
    expect(asked[0].url).toBe(asked[1].url);
    const pid = (await running()).find(({ name }) => name === "clickhouse")?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    await vi.waitFor(async () => expect(await running()).toHaveLength(1), within(5000));
    const again = await needServer("clickhouse");
    expect(again.url).not.toBe(asked[0].url);
    await lease.release();
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(3000));
  });

  it("takes it along when it is killed itself", async () => {
    await using home = keeperHome();
    await holdKeeper();
    await needServer("clickhouse");
    const status = await inspectKeeper();
    const server = status?.servers.find(({ name }) => name === "clickhouse")?.pid ?? 0;
    process.kill(status?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect([isRunning(server), home.processes()]).toEqual([false, []]), within(6000));
  });

  it("says that there is none, and goes on, where the engine is not installed", async () => {
    await using home = keeperHome();
    process.env["CHDB_LIBCHDB_PATH"] = join(home.path, "nothing");
    try {
      const lease = await holdKeeper();
      await expect(needServer("clickhouse")).rejects.toMatchObject({
        reason: "absent",
        message: expect.stringMatching(/^ClickHouse's engine \(npm package chdb\) is not here: [^\n]+$/),
        hint: expect.stringMatching(/MESH_CLICKHOUSE_URL/),
      });
      expect((await inspectKeeper())?.servers).toHaveLength(1);
      await lease.release();
    } finally {
      delete process.env["CHDB_LIBCHDB_PATH"];
    }
  });
});

describe("ClickHouse that cannot start", () => {
  const inHome = async (spoil: (folder: string) => void | Promise<void>): Promise<Error> => {
    const home = mkdtempSync(join(tmpdir(), "mesh-clickhouse-"));
    try {
      const folder = join(home, "clickhouse");
      mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
      await spoil(folder);
      const server = await startIn(home).catch((error: Error) => error);
      if (!(server instanceof Error)) {
        await server.stop();
        throw new Error("it started");
      }
      return server;
    } finally {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  };

  it("says that the data are of a newer engine", async () => {
    const error = await inHome((folder) => writeFileSync(join(folder, "engine"), "99.1.2.3\n"));
    expect(error).toMatchObject({
      reason: "start",
      message: expect.stringMatching(
        /was written by ClickHouse 99\.1\.2\.3, and the engine here is the older \d+/,
      ),
    });
  });

  it("says that its files are damaged, and where", async () => {
    const error = await inHome((folder) => {
      mkdirSync(join(folder, "data", "metadata"), { recursive: true });
      writeFileSync(join(folder, "data", "metadata", "mesh.sql"), "this is no statement");
    });
    expect(error.message).toMatch(/^ClickHouse cannot open \S+: [^\n]*$/);
    expect((error as Error & { hint: string }).hint).toMatch(/move .* away to start anew/);
  });

  it("says that another process has the data open", async () => {
    const home = mkdtempSync(join(tmpdir(), "mesh-clickhouse-"));
    const first = await startIn(home);
    try {
      await expect(startIn(home)).rejects.toMatchObject({
        message: expect.stringMatching(/another process has the ClickHouse data in \S+ open/),
      });
    } finally {
      await first.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
