/**
 * The embedded nats-server: loopback only, JetStream in `<home>/nats/js`, one user with an NKey whose seed lies in a
 * 0600 file. Relies on findNatsServer for the binary and on the guard for its life. That JetStream's features are there
 * is probed by whoever connects, not here.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createUser, fromSeed } from "@nats-io/nkeys";
import { versionText } from "../../domain/program-version.ts";
import { startGuarded } from "../guard.ts";
import type { GuardedServer } from "../guard.ts";
import { usableDirectory } from "../home.ts";
import { KeeperError } from "../keeper-error.ts";
import { findNatsServer } from "../provision-nats.ts";
import type { NatsServerBinary } from "../provision-nats.ts";
import { tailOf } from "../run-program.ts";
import { natsConfigText, parsePort, urlInPortsFile } from "./nats-config.ts";
import type { RunningServer, ServerContext, ServerDefinition } from "./server-definition.ts";

const startBoundMs = 15_000;
const portPollMs = 3;
/** Of the disk's free room together with what is stored already. */
const fileStoreShare = 0.75;

interface NatsPlaces {
  readonly folder: string;
  readonly store: string;
  readonly ports: string;
  readonly config: string;
  readonly log: string;
}

/** Where a client of the embedded server finds its seed. */
export const nkeyFileIn = (home: string): string => join(home, "nats", "mesh.nk");

export const natsServer: ServerDefinition = {
  name: "nats-server",
  async start(context) {
    const port = requestedPort(context);
    const { env, onNote, signal } = context;
    const binary = await findNatsServer({ env, onNote, signal });
    signal.throwIfAborted();
    const places = prepare(context.home, port);
    return startBinary(binary, places, context, port);
  },
};

function requestedPort(context: ServerContext): number {
  const text = context.env["MESH_NATS_PORT"];
  const port = parsePort(text);
  if (port !== undefined) return port;
  throw new KeeperError(
    "port",
    `MESH_NATS_PORT is "${text}", which is not a port`,
    "Set it to 1-65535, or unset it.",
  );
}

function prepare(home: string, port: number): NatsPlaces {
  const folder = usableDirectory(join(home, "nats"), "MESH_HOME");
  const at = (name: string): string => join(folder, name);
  const places = {
    folder,
    store: at("js"),
    ports: at("ports"),
    config: at("server.conf"),
    log: at("server.log"),
  };
  mkdirSync(places.store, { recursive: true, mode: 0o700 });
  rmSync(places.ports, { recursive: true, force: true });
  mkdirSync(places.ports, { mode: 0o700 });
  if (statSync(places.log, { throwIfNoEntry: false }) !== undefined)
    renameSync(places.log, `${places.log}.previous`);
  const text = natsConfigText({
    port,
    storeFolder: places.store,
    portsFolder: places.ports,
    logFile: places.log,
    userPublicKey: userPublicKey(nkeyFileIn(home)),
    fileStoreBytesMax: fileStoreBytesMax(places.store),
  });
  writePrivate(places.config, text);
  return places;
}

/** Mode 0600 even if the file was there with another one. */
function writePrivate(path: string, text: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
}

/** The public key of the seed in this file; a seed that is missing, unreadable or open to others is made anew. */
function userPublicKey(seedFile: string): string {
  try {
    const isPrivate = (statSync(seedFile).mode & 0o077) === 0;
    if (isPrivate)
      return fromSeed(new TextEncoder().encode(readFileSync(seedFile, "utf8").trim())).getPublicKey();
  } catch {
    // Made anew below: nothing that is stored depends on the key.
  }
  const user = createUser();
  // No newline at its end: readers hand the bytes to the client as they are, which dies of it.
  writePrivate(seedFile, new TextDecoder().decode(user.getSeed()));
  return user.getPublicKey();
}

function fileStoreBytesMax(store: string): number {
  const disk = statfsSync(store);
  const storedBytes = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
  return Math.floor((disk.bavail * disk.bsize + storedBytes) * fileStoreShare);
}

async function startBinary(
  binary: NatsServerBinary,
  places: NatsPlaces,
  context: ServerContext,
  port: number,
): Promise<RunningServer> {
  const args = ["--config", places.config];
  const { PATH, HOME, TMPDIR } = context.env;
  const env = { PATH, HOME, TMPDIR, LC_ALL: "C" };
  const started = { program: binary.path, args, log: places.log, env, onStarted: context.onStarted };
  const server = await startGuarded(started).catch((error: Error) => {
    throw startError(error.message, places, port);
  });
  try {
    const url = await urlOf(server, places, context, port);
    const version = versionText(binary.version);
    const exited = server.exited.then((how) => `${how}\n${logTail(places)}`);
    return { name: natsServer.name, pid: server.pid, url, version, exited, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Waits for the file in which the server says where it listens: it writes it once it accepts connections. */
async function urlOf(
  server: GuardedServer,
  places: NatsPlaces,
  context: ServerContext,
  port: number,
): Promise<string> {
  const endMs = performance.now() + startBoundMs;
  let exit: string | undefined;
  void server.exited.then((how) => (exit = how));
  while (exit === undefined && performance.now() < endMs) {
    context.signal.throwIfAborted();
    const url = readdirSync(places.ports).map((name) =>
      urlInPortsFile(readFileSync(join(places.ports, name), "utf8")),
    );
    if (url[0] !== undefined) return url[0];
    await pause(portPollMs);
  }
  throw startError(exit ?? `it did not listen within ${startBoundMs / 1000} s`, places, port);
}

function startError(how: string, places: NatsPlaces, port: number): KeeperError {
  const tail = logTail(places);
  if (port !== 0 && tail.includes("address already in use")) {
    const hint = "Set MESH_NATS_PORT to another port, or unset it to take any free one.";
    return new KeeperError(
      "port",
      `port ${port} is taken: nats-server cannot listen on 127.0.0.1:${port}`,
      hint,
    );
  }
  return new KeeperError(
    "start",
    `nats-server did not start (${how})\n${tail}`,
    `Its whole log is ${places.log}.`,
  );
}

function logTail(places: NatsPlaces): string {
  try {
    return tailOf(readFileSync(places.log, "utf8"));
  } catch {
    return "(it wrote no log)";
  }
}
