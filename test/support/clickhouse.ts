/**
 * A private, real ClickHouse on a free loopback port, in a temporary home: the one that the keeper starts, from the npm
 * package `chdb`. It ends with this process even if that is killed.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clickHouseServer } from "../../src/keeper/servers/clickhouse.ts";
import type { RunningServer } from "../../src/keeper/servers/server-definition.ts";

export interface PrivateClickHouse extends AsyncDisposable {
  /** Without credentials. */
  readonly url: () => string;
  readonly pid: () => number;
  readonly password: (user: "mesh" | "reader") => string;
  /** With those of a user, as MESH_CLICKHOUSE_URL has them. */
  readonly urlOf: (user: "mesh" | "reader") => string;
  readonly folder: string;
  /** Crashes it; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again with the same data, at another port and with other passwords. */
  readonly start: () => Promise<void>;
  /** The answer of the server to one statement, as text. */
  readonly ask: (sql: string, user?: "mesh" | "reader") => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startClickHouse(): Promise<PrivateClickHouse> {
  const home = mkdtempSync(join(tmpdir(), "mesh-clickhouse-"));
  let server = await startIn(home);
  const password = (user: "mesh" | "reader") =>
    readFileSync(server.access?.[user]?.passwordFile ?? "", "utf8").trim();
  const stop = async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    url: () => server.url,
    pid: () => server.pid,
    password,
    urlOf: (user) => server.url.replace("://", `://${user}:${password(user)}@`),
    folder: join(home, "clickhouse"),
    kill: async () => {
      process.kill(server.pid, "SIGKILL");
      await server.exited;
    },
    start: async () => void (server = await startIn(home)),
    ask: (sql, user = "mesh") => ask(server.url, user, password(user), sql),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export const startIn = (home: string, env: NodeJS.ProcessEnv = process.env): Promise<RunningServer> =>
  clickHouseServer.start({
    home,
    env,
    signal: new AbortController().signal,
    onNote: () => {},
    onStarted: () => {},
  });

async function ask(url: string, user: string, password: string, sql: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const response = await fetch(`${url}/?wait_end_of_query=1`, {
    method: "POST",
    body: sql,
    headers: { authorization },
  });
  return (await response.text()).trimEnd();
}
