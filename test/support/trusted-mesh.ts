/**
 * A hub and its zones as `mesh hub init` and `mesh zone init` make them, with their real servers on free loopback ports,
 * provisioned as their roles would: everything that somebody with the wrong credentials could want to reach.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FolderServer, startFolderServer } from "../../src/keeper/folder-server.ts";
import { findNatsServer } from "../../src/keeper/provision-nats.ts";
import { type Folder, readFolder } from "../../src/trust/folder.ts";
import { initHub } from "../../src/trust/init-hub.ts";
import { initZone } from "../../src/trust/init-zone.ts";

/** Agents by zone. */
export type Zones = Readonly<Record<string, readonly string[]>>;

export interface TrustedServer {
  readonly folder: Folder;
  /** Where clients dial it. */
  readonly url: string;
  readonly port: number;
  /** Where leaf nodes dial it. */
  readonly leafPort: number;
  readonly creds: (file: string) => string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
  /** `hear` gets each line of its log. */
  readonly start: (hear?: (line: string) => void) => Promise<void>;
}

export interface TrustedMesh extends AsyncDisposable {
  readonly path: string;
  readonly hub: TrustedServer;
  readonly zones: Readonly<Record<string, TrustedServer>>;
}

export interface TrustedChoice {
  readonly zones: Zones;
  /** False where something else runs the servers. */
  readonly started?: boolean;
}

/** Folders with keys and configurations, and servers that listen. */
export async function trustedMesh({ zones, started = true }: TrustedChoice): Promise<TrustedMesh> {
  const path = mkdtempSync(join(tmpdir(), "mesh-trust-"));
  const all: TrustedServer[] = [];
  const dispose = async () => {
    await Promise.all(all.map((server) => server.stop()));
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const hub = await madeHub(join(path, "hub"));
    all.push(hub);
    if (started) await hub.start();
    const made: Record<string, TrustedServer> = {};
    for (const [zone, agents] of Object.entries(zones)) {
      made[zone] = await madeZone(join(path, zone), zone, agents, hub.folder);
      all.push(made[zone]);
      if (started) await made[zone].start();
    }
    return { path, hub, zones: made, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function madeHub(path: string): Promise<TrustedServer> {
  const [port, leafPort] = await Promise.all([freePort(), freePort()]);
  await initHub({ path, listen: `127.0.0.1:${port}`, leaf: `127.0.0.1:${leafPort}`, servers: 1 });
  return serverOf(readFolder(path), port, leafPort);
}

async function madeZone(
  path: string,
  zone: string,
  agents: readonly string[],
  parent: Folder,
): Promise<TrustedServer> {
  const [port, leafPort] = await Promise.all([freePort(), freePort()]);
  const listen = { listen: `127.0.0.1:${port}`, leaf: `127.0.0.1:${leafPort}` };
  await initZone({ zone, path, parent, urls: [], agents, ...listen });
  return serverOf(readFolder(path), port, leafPort);
}

function serverOf(folder: Folder, port: number, leafPort: number): TrustedServer {
  let server: FolderServer | undefined;
  const file = (name: string) => join(folder.path, name);
  return {
    folder,
    url: `nats://127.0.0.1:${port}`,
    port,
    leafPort,
    creds: file,
    log: () => readFileSync(file("server.log"), "utf8"),
    start: async (hear = () => {}) => {
      server = await startFolderServer(await findNatsServer(), folder.path, hear);
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
