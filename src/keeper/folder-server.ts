/**
 * The nats-server of a folder that `mesh hub init` or `mesh zone init` made, for as long as somebody holds it: its log
 * line by line, where it listens, and why it did not start. It cannot outlive its holder (guard.ts).
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { FACTS_FILE } from "../domain/folder-files.ts";
import { startGuarded } from "./guard.ts";
import { KeeperError } from "./keeper-error.ts";
import type { NatsServerBinary } from "./provision-nats.ts";
import { tailOf } from "./run-program.ts";

/** Recovering large streams takes time; a server that says nothing for so long is stuck. */
const START_WITHIN_MS = 60_000;
/** Time for JetStream to write what it has. */
export const STOP_PATIENCE_MS = 10_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;
const LINES_KEPT = 200;

export interface FolderServer {
  readonly pid: number;
  /** Where it listens: for `client`, `leafnode` and `route` connections. */
  readonly listens: Readonly<Record<string, string>>;
  /** Resolves when it is gone, with how, and the end of its log. */
  readonly exited: Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

/** Resolves when it is ready. Throws KeeperError. */
export async function startFolderServer(
  binary: NatsServerBinary,
  folder: string,
  hear: (line: string) => void,
): Promise<FolderServer> {
  const log = new ServerLog(join(folder, "server.log"), hear);
  const { PATH, HOME, TMPDIR } = process.env;
  const server = await startGuarded({
    program: binary.path,
    args: ["-c", "nats.conf"],
    cwd: folder,
    env: { PATH, HOME, TMPDIR, LC_ALL: "C" },
    log: (line) => log.take(line),
    apart: true,
    patienceMs: STOP_PATIENCE_MS,
    onStarted: () => {},
  }).catch((error: Error) => {
    throw startFailure(folder, error.message, log.tail);
  });
  const { pid, signal } = server;
  const stop = () => server.stop();
  const exited = server.exited.then((how) => `${how}\n${tailOf(log.tail)}`);
  const timer = AbortSignal.timeout(START_WITHIN_MS);
  const late = new Promise<string>((resolve) => {
    timer.addEventListener("abort", () => resolve(`it was not ready after ${START_WITHIN_MS / 1000} s`));
  });
  const failed = await Promise.race([log.ready, server.exited, late]);
  if (failed === undefined) return { pid, listens: log.listens, exited, signal, stop };
  await stop();
  throw startFailure(folder, failed, log.tail);
}

/** Keeps the log in a file of bounded size, and learns from it. */
class ServerLog {
  readonly #file: string;
  readonly #hear: (line: string) => void;
  readonly #lines: string[] = [];
  readonly #ready = Promise.withResolvers<undefined>();
  readonly listens: Record<string, string> = {};
  #bytes: number;

  constructor(file: string, hear: (line: string) => void) {
    this.#file = file;
    this.#hear = hear;
    this.#bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Resolves when the server says that it is ready. */
  get ready(): Promise<undefined> {
    return this.#ready.promise;
  }

  get tail(): string {
    return this.#lines.join("\n");
  }

  take(line: string): void {
    if (this.#lines.push(line) > LINES_KEPT) this.#lines.shift();
    this.#write(line);
    const [, kind, address] = /Listening for (client|leafnode|route) connections on (\S+)/.exec(line) ?? [];
    if (kind !== undefined && address !== undefined) this.listens[kind] = address;
    if (line.includes("Server is ready")) this.#ready.resolve(undefined);
    this.#hear(line);
  }

  /** A disk that is full must not end the server's holder: the server itself says what it cannot do. */
  #write(line: string): void {
    try {
      if (this.#bytes > LOG_BYTES_MAX) {
        rmSync(`${this.#file}.previous`, { force: true });
        renameSync(this.#file, `${this.#file}.previous`);
        this.#bytes = 0;
      }
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
      this.#bytes += line.length + 1;
    } catch {
      // What cannot be written here was still heard.
    }
  }
}

/** Files of a folder in which an address stands; commands that are run inside read others than the server does. */
function filesWith(folder: string, address: string): string {
  const port = address.slice(address.lastIndexOf(":"));
  const isThere = new RegExp(`${port}(?!\\d)`);
  const found = ["nats.conf", "mesh.config.json", FACTS_FILE].filter((name) => {
    const file = join(folder, name);
    return existsSync(file) && isThere.test(readFileSync(file, "utf8"));
  });
  return found.length < 2 ? "nats.conf" : `each of ${found.join(", ")}`;
}

/** What keeps a server from starting, in its own words, and what to do about it. */
function startFailure(folder: string, how: string, log: string): KeeperError {
  const taken = /listen tcp (\S+): bind: address already in use/.exec(log)?.[1];
  if (taken !== undefined) {
    const hint = `stop what listens there (another mesh server?), or write another address into ${filesWith(folder, taken)}`;
    return new KeeperError("port", `cannot listen on ${taken}: something else does already`, hint);
  }
  const address = /listen tcp (\S+): bind: (.*)/.exec(log);
  if (address !== null) {
    return new KeeperError(
      "port",
      `cannot listen on ${address[1]}: ${address[2]}`,
      "write an address of this machine into nats.conf",
    );
  }
  const store =
    /(?:read-only file system|permission denied|no space left on device|insufficient)[^\n]*/i.exec(log);
  if (store !== null) {
    return new KeeperError(
      "start",
      `nats-server cannot keep anything in ${join(folder, "js")}: ${store[0]}`,
      "free the disk, or make the folder writable for this user",
    );
  }
  const fatal = /\[FTL\] (.*)|nats-server: (.*)/.exec(log);
  const why = fatal?.[1] ?? fatal?.[2] ?? `${how}\n${tailOf(log)}`;
  const hint = `its whole log is ${join(folder, "server.log")}`;
  return new KeeperError("start", `the nats-server of ${folder} did not start: ${why}`, hint);
}
