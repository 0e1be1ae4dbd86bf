/**
 * The embedded ClickHouse: started when somebody asks for it, loopback only, data in `<home>/clickhouse/data`, two users
 * with random passwords in 0600 files. Relies on the engine of the optional npm package `chdb` and on the guard for its
 * life. It knows no tables: see src/clickhouse.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { entryFile } from "../../entry-file.ts";
import { type GuardedServer, startGuarded } from "../guard.ts";
import { usableDirectory } from "../home.ts";
import { KeeperError } from "../keeper-error.ts";
import { clickHouseConfig, clickHouseUsers, memoryLimit, parsePortFile } from "./clickhouse-config.ts";
import { otherEngine, startFailure, whereFull } from "./clickhouse-failure.ts";
import type { RunningServer, ServerContext, ServerDefinition } from "./server-definition.ts";

const startBoundMs = 30_000;
const portPollMs = 5;
const MAIN = entryFile("./clickhouse-main", import.meta.url);

interface Places {
  readonly folder: string;
  readonly port: string;
  readonly log: string;
  /** Which engine has last opened the data. */
  readonly engine: string;
  readonly passwords: Readonly<Record<"mesh" | "reader", string>>;
}

export const clickHouseServer: ServerDefinition = {
  name: "clickhouse",
  async start(context) {
    const engine = await engineVersion();
    const places = whereFull(context.home, () => prepare(context.home));
    const before = readText(places.engine).trim();
    if (otherEngine(before, engine)) throw newerData(places, before, engine);
    return startProcess(places, context);
  },
};

/** The version of the engine that is installed; KeeperError "absent" where there is none. */
export async function engineVersion(): Promise<string> {
  const hint = "Install mesh on Linux or macOS with its optional packages, or set MESH_CLICKHOUSE_URL.";
  try {
    const require = createRequire(import.meta.url);
    require.resolve("ffi-rs");
    const { resolveLibchdb } = await import("chdb/libchdb");
    const { packageName } = resolveLibchdb();
    if (packageName === undefined) return "";
    const { version } = require(`${packageName}/package.json`) as { version: string };
    return version;
  } catch (error) {
    const why = (error as Error).message.split("\n")[0] ?? "";
    throw new KeeperError("absent", `ClickHouse's engine (npm package chdb) is not here: ${why}`, hint);
  }
}

function newerData({ folder }: Places, before: string, engine: string): KeeperError {
  return new KeeperError(
    "start",
    `${folder} was written by ClickHouse ${before}, and the engine here is the older ${engine}`,
    "Use the version of mesh that wrote it, or a newer one; or move the folder away to start anew.",
  );
}

function prepare(home: string): Places {
  const folder = usableDirectory(join(home, "clickhouse"), "MESH_HOME");
  const at = (name: string): string => join(folder, name);
  const passwords = { mesh: at("mesh.password"), reader: at("reader.password") };
  const places = { folder, port: at("port"), log: at("server.log"), engine: at("engine"), passwords };
  mkdirSync(at("data"), { recursive: true, mode: 0o700 });
  rmSync(places.port, { force: true });
  if (statSync(places.log, { throwIfNoEntry: false }) !== undefined)
    renameSync(places.log, `${places.log}.previous`);
  const users = clickHouseUsers({
    meshSha256: newPassword(passwords.mesh),
    readerSha256: newPassword(passwords.reader),
  });
  writePrivate(at("users.xml"), users);
  writePrivate(at("config.xml"), clickHouseConfig(at("users.xml"), memoryLimit(totalmem())));
  return places;
}

/** A new one for every start; returns its SHA-256. */
function newPassword(file: string): string {
  const password = randomBytes(24).toString("base64url");
  writePrivate(file, password);
  return createHash("sha256").update(password).digest("hex");
}

/** Mode 0600 even if the file was there with another one. */
function writePrivate(path: string, text: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
}

async function startProcess(places: Places, context: ServerContext): Promise<RunningServer> {
  const { PATH, HOME, TMPDIR, CHDB_LIBCHDB_PATH, NODE_COMPILE_CACHE } = context.env;
  const env = { PATH, HOME, TMPDIR, CHDB_LIBCHDB_PATH, NODE_COMPILE_CACHE, TZ: "UTC", LC_ALL: "C" };
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const server = await startGuarded({
    program: process.execPath,
    args: [MAIN, places.folder],
    log: places.log,
    env: given,
    onStarted: context.onStarted,
  }).catch((error: Error) => {
    throw startFailure(places.folder, places.log, error.message);
  });
  try {
    const { port, version } = await listening(server, places, context);
    writePrivate(places.engine, `${version}\n`);
    const exited = server.exited.then((how) => `${how}; its log is ${places.log}`);
    const access = Object.fromEntries(
      Object.entries(places.passwords).map(([user, passwordFile]) => [user, { user, passwordFile }]),
    );
    const url = `http://127.0.0.1:${port}`;
    return {
      name: clickHouseServer.name,
      pid: server.pid,
      url,
      version,
      access,
      exited,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Waits for the file in which the server says where it listens: it writes it once it does. */
async function listening(server: GuardedServer, places: Places, context: ServerContext) {
  const endMs = performance.now() + startBoundMs;
  let exit: string | undefined;
  void server.exited.then((how) => (exit = how));
  while (exit === undefined && performance.now() < endMs) {
    context.signal.throwIfAborted();
    const said = parsePortFile(readText(places.port));
    if (said !== undefined) return said;
    await pause(portPollMs);
  }
  const how = exit ?? `it did not listen within ${startBoundMs / 1000} s`;
  throw startFailure(places.folder, places.log, how);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
