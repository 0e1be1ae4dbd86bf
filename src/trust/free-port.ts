/**
 * An address for a new server on this machine: one that no folder of the mesh has, as far as they lie here, and where
 * nothing listens now. A port that is only free today would be missed when both servers are up.
 */
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type Address, addressText, readAddress } from "./addresses.ts";
import { type Folder, hasFacts, readFolder } from "./folder.ts";
import { readRecord, zonesOf } from "./link.ts";
import { TrustError } from "./trust-error.ts";

const HOST = "127.0.0.1";
/** The hub has 4222. */
const FIRST_PORT = 4223;
const TRIED_MAX = 1000;

/** For a zone that will be at `path`, below `parent`; `taken` are other addresses that it will have. */
export async function freeAddress(
  parent: Folder,
  path: string,
  taken: readonly (string | undefined)[],
): Promise<string> {
  const known = portsOf([parent, ...recorded(parent), ...beside(parent.path), ...beside(path)]);
  for (const each of taken) if (each !== undefined) known.add(readAddress(each, "--leaf").port);
  for (let port = FIRST_PORT; port < FIRST_PORT + TRIED_MAX; port += 1) {
    const address = { host: HOST, port };
    if (!known.has(port) && (await isFree(address))) return addressText(address);
  }
  throw new TrustError(
    `no port from ${FIRST_PORT} to ${FIRST_PORT + TRIED_MAX - 1} is free here`,
    "name an address for the zone's server: --listen HOST:PORT",
  );
}

const portsOf = (folders: readonly Folder[]): Set<number> =>
  new Set(
    folders.flatMap(({ facts }) =>
      facts.servers
        .flatMap(({ leaf, listen, route }) => [listen, leaf, route])
        .flatMap((each) => (each === undefined ? [] : [readAddress(each, "--listen").port])),
    ),
  );

/** Zones below, and those below them, whose folders are still where they were made. */
function recorded(parent: Folder): readonly Folder[] {
  const found = zonesOf(parent).flatMap((zone) => folderAt(readRecord(parent, zone).folder));
  return found.flatMap((each) => [each, ...recorded(each)]);
}

/** An inner zone's own relatives are known to no record of its parent, but as a rule they lie side by side. */
function beside(path: string): readonly Folder[] {
  try {
    return readdirSync(dirname(path)).flatMap((name) => folderAt(join(dirname(path), name)));
  } catch {
    return []; // a folder that is not there yet, or that nobody may look into
  }
}

/** One that cannot be read is somebody else's concern. */
function folderAt(path: string | undefined): readonly Folder[] {
  if (path === undefined || !hasFacts(path)) return [];
  try {
    return [readFolder(path)];
  } catch {
    return [];
  }
}

async function isFree({ host, port }: Address): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
