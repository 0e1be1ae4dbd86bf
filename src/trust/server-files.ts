/** Writes what the servers of a new folder need: configuration, accounts, and the defaults for commands run inside. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { domainOfZone, HUB_DOMAIN } from "../../streams/leaf.ts";
import { addressText, dialled, isEverywhere, nth, reached, readAddress } from "./addresses.ts";
import { mainClaims, operatorClaims, systemClaims } from "./claims.ts";
import { type Folder, keyIn, mainAccountOf, type ServerPlace, writeAccount } from "./folder.ts";
import { writePrivate } from "./private-files.ts";
import { type ClusterPlan, type RemotePlan, serverText } from "./server-text.ts";

const ROUTE_PORT = 6222;

/** One server, or as many as a cluster has: all on one host, with a port each. */
export function placesOf(
  listen: string,
  leaf: string | undefined,
  size: number,
  route?: string,
): readonly ServerPlace[] {
  const client = readAddress(listen, "--listen");
  const below = leaf === undefined ? undefined : readAddress(leaf, "--leaf");
  const beside = route === undefined ? { ...client, port: ROUTE_PORT } : readAddress(route, "--route");
  return Array.from({ length: size }, (_, n) => ({
    folder: size === 1 ? "." : `hub-${n + 1}`,
    listen: addressText(nth(client, n, "--listen")),
    ...(below === undefined ? {} : { leaf: addressText(nth(below, n, "--leaf")) }),
    ...(size === 1 ? {} : { route: addressText(nth(beside, n, "--route")) }),
  }));
}

/**
 * All that a folder's servers listen to, and what they dial. Who listens on every address of a machine is reached where
 * that machine is dialled: at `hosts`.
 */
export function listenersOf(
  { dials = [], servers }: Folder["facts"],
  hosts: readonly string[],
): readonly string[] {
  const listens = servers.flatMap(({ leaf, listen, route }) => [listen, leaf, route]);
  const own = listens.flatMap((each) => {
    if (each === undefined) return [];
    const address = readAddress(each, "listen");
    return (isEverywhere(address) ? hosts : [address.host]).map((host) => addressText({ ...address, host }));
  });
  return [...own, ...dials];
}

export interface ServerFiles {
  readonly remote?: RemotePlan | undefined;
}

/** `nats.conf` of each server, and the accounts that they know from the start. */
export async function writeServers(folder: Folder, { remote }: ServerFiles): Promise<void> {
  const { facts, path } = folder;
  const isHub = facts.kind === "hub";
  const [operatorKey, system] = [keyIn(folder, "operator"), keyIn(folder, "system")];
  const operator = await operatorClaims(isHub ? "mesh" : `zone-${facts.name}`, operatorKey, system);
  const clusters = clusterPlans(folder);
  for (const [n, { folder: at, leaf, listen }] of facts.servers.entries()) {
    const text = serverText({
      name: facts.servers.length > 1 ? at : isHub ? "hub" : `zone-${facts.name}`,
      domain: isHub ? HUB_DOMAIN : domainOfZone(facts.name),
      listen,
      leaf,
      operator,
      systemAccount: system.publicKey,
      tls: facts.tls,
      cluster: clusters[n],
      remote,
    });
    writePrivate(join(path, at, "nats.conf"), text);
  }
  const main = mainAccountOf(folder);
  writeAccount(folder, system, await systemClaims(operatorKey, system, {}));
  writeAccount(folder, main.account, await mainClaims(operatorKey, main));
}

function clusterPlans({ facts: { servers, tls } }: Folder): readonly ClusterPlan[] {
  const [user, password] = ["route", randomBytes(24).toString("base64url")];
  const listens = servers.flatMap(({ route }) =>
    route === undefined ? [] : [readAddress(route, "--route")],
  );
  const routes = listens.map((each) => `nats-route://${user}:${password}@${addressText(reached(each, tls))}`);
  return listens.map((each) => ({ name: "mesh", listen: addressText(each), routes, user, password }));
}

/** The address of one server of a folder, as commands on the same machine dial it. */
export const urlOfServer = ({ tls }: Folder["facts"], { listen }: ServerPlace): string =>
  dialled(readAddress(listen, "--listen"), tls);

/** Those of all of them. */
export const urlOf = (facts: Folder["facts"]): string =>
  facts.servers.map((place) => urlOfServer(facts, place)).join(",");

/** `mesh.config.json`: inside the folder, commands need no flags. */
export function writeConfig({ facts, path }: Folder, creds: Readonly<Record<string, string>>): void {
  const tls = facts.tls === undefined ? {} : { tls: tlsOf(facts.tls.mutual) };
  const above = facts.parent === undefined ? {} : { parent: facts.parent };
  const config = { nats: urlOf(facts), creds, ...above, ...tls };
  writePrivate(join(path, "mesh.config.json"), `${JSON.stringify(config, undefined, 2)}\n`);
}

const tlsOf = (mutual: boolean) => ({
  ca: "tls/ca.pem",
  ...(mutual ? { cert: "tls/client.pem", key: "tls/client.key" } : {}),
});
