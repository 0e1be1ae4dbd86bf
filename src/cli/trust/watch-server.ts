/** The watcher of a folder's server: with which credentials it connects, and where it tells what it has seen. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { subjects } from "../../../streams/subjects.ts";
import { followLog } from "../../keeper/log-tail.ts";
import type { Folder, ServerPlace } from "../../trust/folder.ts";
import { holdersIn } from "../../trust/holders.ts";
import { urlOfServer } from "../../trust/server-files.ts";
import { credsFile } from "../../trust/users.ts";
import type { ConnectOptions } from "../../wiring.ts";
import { usage } from "./choices.ts";
import { tellExpiry } from "./tell-expiry.ts";
import { type PassOn, Watcher } from "./watcher.ts";

type Note = (line: string) => void;

const UNTOLD = "what the server refuses is not told to the mesh";

export interface Watched {
  readonly folder: Folder;
  readonly place: ServerPlace;
  /** Instead of the address that the folder says. */
  readonly url?: string | undefined;
  readonly pid?: number | undefined;
}

/** How it connects: to tell what it saw, and to ask the server about connections. */
export function watchOptions({ folder, place, url }: Watched, role: "watch" | "sys"): ConnectOptions {
  const { name, tls } = folder.facts;
  return {
    url: url ?? urlOfServer(folder.facts, place),
    credsFile: join(folder.path, credsFile(role)),
    name: `watch-${name}`,
    ...(tls === undefined ? {} : { tls: tlsFiles(folder.path, tls.mutual) }),
  };
}

/** Undefined where the folder has no credentials for it; then that is said. */
export function watcherOf(watched: Watched, note: Note, passOn?: PassOn): Watcher | undefined {
  const { folder, pid } = watched;
  const file = (role: "watch" | "sys") => join(folder.path, credsFile(role));
  const files = [file("watch"), file("sys")];
  const missing = files.find((each) => !existsSync(each));
  if (missing !== undefined) {
    note(`${UNTOLD}: ${missing} is missing`);
    return undefined;
  }
  const { kind, name } = folder.facts;
  const renew = kind === "zone" ? `new ones: mesh zone rotate ${name}` : "new ones: mesh hub rotate DIR";
  for (const each of files) tellExpiry(each, { without: UNTOLD, renew }, note);
  const zone = kind === "zone" ? name : undefined;
  return new Watcher({
    open: async () => {
      const { openServerWatch } = await import("../../wiring.ts");
      return openServerWatch(watchOptions(watched, "watch"), watchOptions(watched, "sys"));
    },
    subjectOf: (server) =>
      zone === undefined ? subjects.hubWatch(server) : subjects.zoneWatch(zone, server),
    holders: () => holdersIn(folder),
    zone,
    pid,
    note,
    passOn,
  });
}

function tlsFiles(folder: string, mutual: boolean) {
  const at = (name: string) => join(folder, "tls", name);
  return { ca: at("ca.pem"), ...(mutual ? { cert: at("client.pem"), key: at("client.key") } : {}) };
}

/** Only watches: something else runs the server and writes its log. Resolves when it is told to end. */
export async function watchLog(watched: Watched, file: string, note: Note): Promise<void> {
  if (!existsSync(file)) {
    throw usage(
      `there is no log ${file} to watch`,
      "name the file that the server writes: log_file in its configuration, or nats-server --log FILE",
    );
  }
  const watcher = watcherOf(watched, note);
  if (watcher === undefined)
    throw usage("nothing can be told without credentials", "mesh hub init and mesh zone init make them");
  const tail = followLog(file, (line) => watcher.hear(line), note);
  note(`watches ${file}; what it says of refused accesses is told to the mesh`);
  await untilAsked();
  tail.stop();
  await watcher.stop();
}

async function untilAsked(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve());
    if (process.env["MESH_PARENT_PIPE"] !== "1") return;
    void import("../../keeper/parent-pipe.ts").then(({ endWithParent }) => endWithParent(resolve));
  });
}
