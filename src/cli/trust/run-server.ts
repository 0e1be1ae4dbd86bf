/**
 * `mesh server`: holds the nats-server of a folder in the foreground. The first signal ends it in order, a second one at
 * once; it ends, too, when whoever started this command is gone.
 */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type FolderServer, startFolderServer } from "../../keeper/folder-server.ts";
import { tryLock } from "../../keeper/kernel-lock.ts";
import { findNatsServer } from "../../keeper/provision-nats.ts";
import { versionText } from "../../domain/program-version.ts";
import { hasFacts, readFolder } from "../../trust/folder.ts";
import { credsFile } from "../../trust/users.ts";
import { isExpired } from "../credentials.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { usage } from "./choices.ts";
import { LogTeller } from "./log-teller.ts";
import { lookerFrom } from "./look-above.ts";
import { tellExpiry } from "./tell-expiry.ts";
import { type Watched, watcherOf, watchLog } from "./watch-server.ts";
import { isOf, type PassOn, type Watcher } from "./watcher.ts";

type Note = (line: string) => void;

interface Streams {
  readonly note: Note;
  readonly print: (text: string) => void;
}

interface ServerFlags {
  readonly log: boolean;
  readonly "watch-log"?: string | undefined;
  readonly nats?: string | undefined;
}

export async function runServer(dir: string, flags: ServerFlags, { note }: Streams): Promise<void> {
  const { log: tellsAll, nats: url, "watch-log": watched } = flags;
  const folder = serverFolder(dir);
  if (watched !== undefined) return watchLog({ ...placeOf(folder), url }, resolve(watched), note);
  if (url !== undefined)
    throw usage("--nats says where a watched server is", "name its log with --watch-log FILE");
  const leaf = leafCreds(folder);
  if (existsSync(leaf)) tellExpiry(leaf, { without: "the link stays down" }, note);
  const binary = await findNatsServer({ onNote: note });
  const lock = tryLock(join(folder, "server.lock"));
  if (lock === undefined) {
    throw usage(
      `another mesh server runs ${folder}`,
      "stop that one first: two would ruin each other's data",
    );
  }
  const teller = new LogTeller({ note, tellsAll, ...aboveOf(folder) });
  const lines = new WaitingLines((line) => teller.show(line));
  const server = await startFolderServer(binary, folder, (line) => lines.take(line));
  const watcher = watcherAt(folder, server.pid, note, (line, isBelieved) => teller.hear(line, isBelieved));
  teller.isWatched = watcher !== undefined;
  note(
    `nats-server ${versionText(binary.version)}, pid ${server.pid}, keeps its data in ${join(folder, "js")}`,
  );
  for (const [kind, address] of Object.entries(server.listens))
    note(`listens on ${address} for ${WHO[kind]}`);
  lines.giveTo((line) => {
    if (watcher === undefined) teller.hear(line, isOf(server.pid, line));
    else watcher.hear(line);
  });
  try {
    await untilGone(server, () => teller.ends());
  } finally {
    await watcher?.stop();
  }
  note("ended");
}

/** Of a log: who hears it is known once its server has started. */
class WaitingLines {
  readonly #waiting: string[] = [];
  readonly #onWaiting: (line: string) => void;
  #hear: ((line: string) => void) | undefined;

  constructor(onWaiting: (line: string) => void) {
    this.#onWaiting = onWaiting;
  }

  take(line: string): void {
    if (this.#hear !== undefined) return this.#hear(line);
    this.#onWaiting(line);
    this.#waiting.push(line);
  }

  giveTo(hear: (line: string) => void): void {
    this.#hear = hear;
    for (const line of this.#waiting.splice(0)) hear(line);
  }
}

function watcherAt(path: string, pid: number, note: Note, passOn: PassOn): Watcher | undefined {
  const isKnown = hasFacts(path) || hasFacts(dirname(path));
  return isKnown ? watcherOf({ ...placeOf(path), pid }, note, passOn) : undefined;
}

const leafCreds = (folder: string): string => join(folder, credsFile("leaf"));

/** The server above, as the folder of a zone knows it. */
function aboveOf(path: string) {
  if (!hasFacts(path)) return {};
  const { kind, name, parent } = readFolder(path).facts;
  const where = parent === undefined ? "--hub" : "--parent";
  const renewal = `mesh zone rotate ${name} ${where} DIR`;
  const hasExpired = () => isExpired(leafCreds(path));
  return kind === "zone" ? { renewal, hasExpired, lookAbove: lookerFrom(path) } : {};
}

/** Of a cluster's server the keys and records lie one folder above. */
function placeOf(path: string): Watched {
  const folder = readFolder(hasFacts(path) ? path : dirname(path));
  const at = relative(folder.path, path) || ".";
  const place = folder.facts.servers.find((each) => each.folder === at);
  if (place !== undefined) return { folder, place };
  throw usage(`${folder.path} has no server in ${at}`, "name the folder of one of its servers");
}

const WHO: Readonly<Record<string, string>> = {
  client: "commands and roles (nats://…)",
  leafnode: "the servers of zones below",
  route: "the other servers of its cluster",
};

/** The folder of one server: of a cluster somebody must say which. */
function serverFolder(dir: string): string {
  const path = resolve(dir);
  if (existsSync(join(path, "nats.conf"))) return path;
  const { facts } = hasFacts(path) ? readFolder(path) : { facts: undefined };
  if (facts === undefined) {
    throw usage(
      `${dir} has no nats.conf`,
      "make a hub with mesh hub init DIR, a zone with mesh zone init NAME --hub DIR",
    );
  }
  const each = facts.servers.map(({ folder }) => `mesh server ${join(dir, folder)}`);
  throw usage(`${dir} has ${each.length} servers, and this runs one`, each.join("; "));
}

/** Ends the process when the server was asked to end; rejects when it ended by itself. */
async function untilGone(server: FolderServer, onAsked: () => void): Promise<void> {
  let asked = false;
  const end = () => {
    if (asked) server.signal("SIGKILL");
    asked = true;
    onAsked();
    void server.stop();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, end);
  process.on("SIGHUP", () => server.signal("SIGHUP"));
  if (process.env["MESH_PARENT_PIPE"] === "1") {
    const { endWithParent } = await import("../../keeper/parent-pipe.ts");
    endWithParent(end);
  }
  const how = await server.exited;
  if (!asked) {
    throw new Failure(
      exitCode.unreachable,
      "ServerEnded",
      `nats-server ended by itself: ${how}`,
      "start it again; what it had acknowledged is on its disk",
    );
  }
}
