/**
 * A private, real nats-server with JetStream on a free loopback port, in a temporary folder. Its binary is
 * NATS_SERVER_BIN or what `src/keeper/provision-nats.ts` finds. It ends with this process even if that is killed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer } from "../../src/keeper/provision-nats.ts";
import { collectOutput } from "./child-output.ts";
import type { Site } from "./network.ts";

export interface PrivateNats extends AsyncDisposable {
  /** As programs at its site reach it. */
  readonly url: string;
  /** As this process reaches it. */
  readonly tapUrl: string;
  readonly pid: () => number;
  /** The server's log so far. */
  readonly log: () => Promise<string>;
  /** Sends a signal: SIGSTOP and SIGCONT to freeze it, SIGKILL to crash it. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Kills it, and starts it again with the same port and the same data. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface PrivateNatsOptions {
  readonly name?: string;
  /** More of the server's configuration: accounts, leaf nodes, limits. */
  readonly config?: string;
  /** JetStream domain of the server. */
  readonly domain?: string;
  /** False for a server that keeps nothing. */
  readonly jetstream?: boolean;
  /** The host that it runs on; this one unless given. */
  readonly site?: Site;
}

const HERE: Pick<Site, "address" | "command" | "tap"> = {
  address: "127.0.0.1",
  command: (program, args) => [program, args],
  tap: (port) => Promise.resolve(`127.0.0.1:${port}`),
};

const BOUND_MS = 15_000;

/** Runs "$@", says its pid, and kills it when stdin closes: a killed test leaves no server behind. */
const GUARD = `exec 3<&0
"$@" </dev/null & server=$!
echo "$server"
exec 2>/dev/null # the shell's own words about a killed server
{ cat <&3 >/dev/null; kill -9 "$server"; } & reader=$!
wait "$server"
kill "$reader"`;

/** Listens when this resolves; fails after 15 s with the server's log. Provisioning, if needed, comes on top. */
export async function startNats({
  name = "test",
  config: more = "",
  domain,
  jetstream = true,
  site,
}: PrivateNatsOptions = {}): Promise<PrivateNats> {
  const { path } = await findNatsServer();
  const domainLine = domain === undefined ? "" : `domain: ${domain}`;
  const config = `${jetstream ? JETSTREAM.replace("DOMAIN", domainLine) : ""}${more}`;
  const folder = mkdtempSync(join(tmpdir(), "mesh-nats-"));
  const { address, command, tap } = site ?? HERE;
  const start = (port: number) => startServer({ binary: path, folder, name, port, config, address, command });
  let server = await start(-1);
  const { port } = server;
  return {
    url: `nats://${address}:${port}`,
    tapUrl: `nats://${await tap(port)}`,
    pid: () => server.pid,
    log: () => readFile(join(folder, "log"), "utf8"),
    signal: (signal) => void process.kill(server.pid, signal),
    restart: async () => {
      await server.stop();
      server = await start(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };

  async function stop(): Promise<void> {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

interface Given extends Pick<Site, "address" | "command"> {
  readonly binary: string;
  readonly folder: string;
  readonly name: string;
  readonly port: number;
  readonly config: string;
}

async function startServer(given: Given): Promise<Running> {
  const { binary, folder, address } = given;
  const file = join(folder, "nats.conf");
  const log = join(folder, "log");
  writeFileSync(file, configText(given), { mode: 0o600 });
  rmSync(log, { force: true });
  const [program, args] = given.command(binary, ["-c", file]);
  const guard = spawn("/bin/sh", ["-c", GUARD, "guard", program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(guard, "close");
  const stop = async () => {
    guard.stdin.end();
    await closed;
  };
  const [pid] = await collectOutput(guard.stdout, "guard").line(/^\d+$/, BOUND_MS);
  const clientPort = await listeningPort(log, address, () => guard.exitCode !== null).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  return { pid: Number(pid), port: clientPort, stop };
}

const JETSTREAM = `jetstream {
  store_dir: STORE_DIR
  DOMAIN
  max_file_store: 1TB # streams reserve their limits at once; small disks have room for few zones
}
`;

function configText({ folder, name, port, config, address }: Given): string {
  return `server_name: ${JSON.stringify(name)}
host: ${JSON.stringify(address)}
port: ${port}
log_file: ${JSON.stringify(join(folder, "log"))}
max_payload: 8MB
${config.replace("STORE_DIR", JSON.stringify(join(folder, "js")))}
`;
}

/** The port in the server's log, once it says that it is ready. The log is a file, so it is read again and again. */
async function listeningPort(log: string, address: string, hasExited: () => boolean): Promise<number> {
  const until = performance.now() + BOUND_MS;
  for (;;) {
    const text = await readFile(log, "utf8").catch(() => "");
    const [, at, port] = /Listening for client connections on (\S+):(\d+)/.exec(text) ?? [];
    if (at === address && text.includes("Server is ready")) return Number(port);
    if (hasExited() || performance.now() > until) throw new Error(`nats-server did not start:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
