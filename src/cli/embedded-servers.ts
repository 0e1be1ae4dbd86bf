/** `mesh up` and `mesh down`: the embedded servers stay when no command holds them, and go when somebody says so. */
import { shownUrl } from "../domain/server-url.ts";
import { homeDirectory } from "../keeper/home.ts";
import { inspectKeeper, type KeeperStatus, pinKeeper, stopKeeper } from "../keeper/keeper.ts";
import type { Note } from "./at-server.ts";

export interface ServersUp {
  readonly url: string;
  readonly credsFile: string;
  readonly home: string;
  readonly servers: KeeperStatus["servers"];
  /** True when they stayed already. */
  readonly already: boolean;
}

/** Starts them if needed, and makes them stay. */
export async function bringUp(note: Note): Promise<ServersUp> {
  const before = await inspectKeeper();
  const { home, nkeyFile, servers } = await pinKeeper({ onNote: note });
  const url = servers.find(({ name }) => name === "nats-server")?.url ?? "";
  const other = process.env["MESH_NATS_URL"];
  if (other !== undefined && other !== "") {
    note(`MESH_NATS_URL is set: other commands use ${shownUrl(other)}, not these servers`);
  }
  return { url, credsFile: nkeyFile, home, servers, already: before?.pinned === true };
}

export function upText({ already, credsFile, home, servers, url }: ServersUp): string {
  const lines = [
    ...servers.map(
      ({ name, pid, url: at, version }) =>
        `${name} ${version} ${already ? "is up already" : "is up"} at ${at} (pid ${pid}), until mesh down`,
    ),
    "",
    `  state directory  ${home}`,
    `  credentials      ${credsFile}`,
    "",
    "Commands with this state directory (MESH_HOME) use it by themselves: mesh run, mesh runs, mesh status.",
    "For a mesh that stays, start its roles, each in a terminal of its own, and let mesh run only ask:",
    "",
    "  mesh root",
    "  mesh zone eu",
    "  mesh agent --zone eu",
    `  mesh run script.ts --zones eu --nats ${url} --creds ${credsFile}`,
  ];
  return `${lines.join("\n")}\n`;
}

export interface ServersDown {
  /** False when nothing ran. */
  readonly stopped: boolean;
  readonly home: string;
  /** Commands that were using them, and were told. */
  readonly commands: number;
}

export async function takeDown(): Promise<ServersDown> {
  // A keeper that hangs does not answer, and is ended all the same.
  const before = await inspectKeeper().catch(() => undefined);
  const stopped = await stopKeeper();
  return { stopped, home: homeDirectory(), commands: stopped ? (before?.leases ?? 0) : 0 };
}

export function downText({ commands, home, stopped }: ServersDown): string {
  if (!stopped) return `nothing runs in ${home}\n`;
  const others =
    commands === 1 ? "one command that used them was told" : `${commands} commands that used them were told`;
  return `the servers in ${home} are down${commands === 0 ? "" : `; ${others}`}\n`;
}
