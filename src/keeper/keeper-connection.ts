/**
 * How a command reaches the keeper of its home: connects to the one that runs, or starts one, exactly one however many
 * commands try at once. Imports little, for a warm command pays for it. It speaks no request: see keeper.ts.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { entryFile } from "../entry-file.ts";
import { cacheDirectory, usableDirectory } from "./home.ts";
import { KeeperError } from "./keeper-error.ts";
import { readRecord } from "./keeper-record.ts";
import type { KernelLock } from "./kernel-lock.ts";

/** Covers the wait for a predecessor that is still stopping. */
const startBoundMs = 20_000;
const retryMs = 8;
const logBytesMax = 1_000_000;

/** A connection to the running keeper, or undefined if none runs. */
export async function connectIfRunning(home: string): Promise<Socket | undefined> {
  // The record, in the home that only its user can write, is there before the socket is: a socket in a shared
  // temporary folder is never trusted by its name alone.
  const record = readRecord(home);
  if (record === undefined) return undefined;
  try {
    return await connectTo(record.socket);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ECONNREFUSED", "EAGAIN", "ENOTDIR", "ECONNRESET"].includes(code)) return undefined;
    const hint = "Set MESH_HOME to a directory of your own.";
    throw new KeeperError("home", `cannot reach the keeper of ${home}: ${(error as Error).message}`, hint);
  }
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject).on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}

/** A connection to the keeper, started if none runs. Throws KeeperError "home" or "start". Bounded by 20 s. */
export async function connectOrStart(home: string): Promise<Socket> {
  const endMs = performance.now() + startBoundMs;
  for (;;) {
    const socket = (await connectIfRunning(home)) ?? (await startUnderLock(home, endMs));
    if (socket !== undefined) return socket;
    if (performance.now() >= endMs) throw tooSlow(home);
    await pause(retryMs);
  }
}

/** Undefined if another command is starting the keeper: try again to connect. */
async function startUnderLock(home: string, endMs: number): Promise<Socket | undefined> {
  usableDirectory(home, "MESH_HOME");
  const { tryLock } = await import("./kernel-lock.ts");
  const lock = lockOf(home, tryLock);
  if (lock === undefined) return undefined;
  try {
    return (await connectIfRunning(home)) ?? (await startKeeperProcess(home, endMs));
  } finally {
    lock.release();
  }
}

function lockOf(home: string, tryLock: (path: string) => KernelLock | undefined): KernelLock | undefined {
  try {
    return tryLock(join(home, "start.lock"));
  } catch (error) {
    const message = `cannot lock ${join(home, "start.lock")}: ${(error as Error).message}`;
    throw new KeeperError("home", message, "Set MESH_HOME to a directory on a local disk with free room.");
  }
}

async function startKeeperProcess(home: string, endMs: number): Promise<Socket> {
  const child = spawnKeeper(home);
  let exit: string | undefined;
  child.once("error", (error) => (exit = error.message));
  child.once("exit", (code, signal) => (exit = signal === null ? `exit code ${code}` : `ended by ${signal}`));
  while (exit === undefined && performance.now() < endMs) {
    const socket = await connectIfRunning(home);
    if (socket !== undefined) return socket;
    await pause(retryMs);
  }
  if (exit === undefined) throw tooSlow(home);
  const tail = readFileSync(join(home, "keeper.log"), "utf8").trimEnd().split("\n").slice(-3).join("\n");
  const hint = `Its whole log is ${join(home, "keeper.log")}.`;
  throw new KeeperError("start", `the keeper did not start (${exit})\n${tail}`, hint);
}

function tooSlow(home: string): KeeperError {
  const hint = `See ${join(home, "keeper.log")}; mesh down ends a keeper that hangs.`;
  return new KeeperError(
    "start",
    `the keeper of ${home} did not answer within ${startBoundMs / 1000} s`,
    hint,
  );
}

/** Detached, in a folder that nobody unmounts, and with none of this command's terminal or pipes. */
function spawnKeeper(home: string): ChildProcess {
  const log = openLog(join(home, "keeper.log"));
  try {
    const entry = entryFile("./main", import.meta.url);
    const stdio = ["ignore", log, log] as const;
    const child = spawn(process.execPath, [entry, home], {
      detached: true,
      cwd: home,
      env: keeperEnv(),
      stdio: [...stdio],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax)
    renameSync(path, `${path}.previous`);
  return openSync(path, "a", 0o600);
}

/** Paths are made absolute, for the keeper runs in another folder; debugging flags of the command stay with it. */
function keeperEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NATS_SERVER_BIN: binary, ...env } = process.env;
  const cache = cacheDirectory();
  const compileCache = env["NODE_COMPILE_CACHE"] || join(cache, "compile");
  const absolute = binary === undefined || binary === "" ? {} : { NATS_SERVER_BIN: resolve(binary) };
  return { ...env, ...absolute, MESH_CACHE: cache, NODE_COMPILE_CACHE: compileCache };
}
