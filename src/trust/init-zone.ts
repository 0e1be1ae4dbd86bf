/**
 * `mesh zone init`: both ends of a zone. The parent gets an account for it, at once where it runs; the zone gets a folder
 * with a server of its own that dials out, and credentials for its coordinator and its agents.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TOKEN } from "../../streams/schema/ids.ts";
import { checkUrl, dialled, isEverywhere, readAddress } from "./addresses.ts";
import { certifyClient, readPair, savePair } from "./certificate-files.ts";
import type { Delivered } from "./deliver.ts";
import { type Folder, keyIn, readFolder } from "./folder.ts";
import { freeAddress } from "./free-port.ts";
import { certify, found, type TlsChoice, tlsFacts } from "./init-hub.ts";
import {
  deliverLink,
  forgetLink,
  foundLink,
  hasZone,
  issueLeaf,
  saveRecord,
  type ZoneRecord,
} from "./link.ts";
import { writePrivate } from "./private-files.ts";
import { placesOf, writeConfig, writeServers } from "./server-files.ts";
import { TrustError } from "./trust-error.ts";
import { makeWhole } from "./used-folder.ts";
import { credsFile, issue } from "./users.ts";

/** Words that stand behind `mesh zone`, and so cannot be the names of zones. */
export const RESERVED_ZONE_NAMES = [
  "init",
  "agent",
  "rotate",
  "revoke",
  "ls",
  "show",
  "drain",
  "approve",
] as const;

export interface ZoneChoice {
  readonly zone: string;
  readonly path: string;
  /** The hub's folder, or that of the zone above. */
  readonly parent: Folder;
  /** Addresses where the zone dials its parent; by default those where the parent listens for leaf nodes. */
  readonly urls: readonly string[];
  /** By default a free port of the loopback network. */
  readonly listen?: string | undefined;
  readonly leaf?: string | undefined;
  readonly agents: readonly string[];
  readonly tls?: TlsChoice | undefined;
  readonly expiresAtS?: number | undefined;
}

type PlacedZone = ZoneChoice & { readonly listen: string };

export interface ZoneMade {
  readonly folder: Folder;
  readonly urls: readonly string[];
  /** HOST:PORT of its server. */
  readonly listen: string;
  /** Whether the parent knows it already, or when it starts next. */
  readonly delivered: Delivered;
}

export async function initZone(choice: ZoneChoice): Promise<ZoneMade> {
  const { leaf, parent, path, zone } = choice;
  refuse(choice);
  const listen = choice.listen ?? (await freeAddress(parent, path, [leaf]));
  const urls = choice.urls.length > 0 ? choice.urls : urlsOf(parent);
  const record = await makeWhole(path, async (fresh) => {
    const empty = foundLink(parent, zone, path);
    const { creds, record: first } = await issueLeaf(parent, empty, choice.expiresAtS);
    await writeZone({ ...choice, listen, path: fresh }, urls, creds);
    return first;
  });
  const delivered = await tellParent(parent, record, path);
  return { folder: readFolder(path), urls, listen, delivered };
}

/**
 * Once the folder is in its place. The record comes first: what is recorded and not delivered can be delivered by
 * `mesh zone rotate`, and what is delivered and not recorded could never be revoked.
 */
async function tellParent(parent: Folder, record: ZoneRecord, path: string): Promise<Delivered> {
  try {
    saveRecord(parent, record);
    return await deliverLink(parent, record);
  } catch (error) {
    forgetLink(parent, record.zone);
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** The zone's own end. */
async function writeZone(choice: PlacedZone, urls: readonly string[], leaf: Uint8Array): Promise<void> {
  const { agents, expiresAtS, path, zone } = choice;
  const folder = await foundZone(choice, urls);
  writePrivate(join(path, credsFile("leaf")), leaf);
  await issue(folder, { name: "sys", role: "sys", expiresAtS }, credsFile("sys"));
  await issue(folder, { name: "watch", role: "watch", zone, expiresAtS }, credsFile("watch"));
  await issue(folder, { name: `zone-${zone}`, role: "zone", zone, expiresAtS }, credsFile("zone"));
  for (const agent of agents) await issueAgent(folder, agent, expiresAtS);
  const [first] = agents;
  const agent = first === undefined ? {} : { agent: credsFile("agent", first) };
  writeConfig(folder, { zone: credsFile("zone"), ...agent });
}

export function issueAgent(folder: Folder, agent: string, expiresAtS: number | undefined): Promise<void> {
  const user = { name: `agent-${agent}`, role: "agent", zone: folder.facts.name, agent, expiresAtS } as const;
  return issue(folder, user, credsFile("agent", agent));
}

function refuse({ agents, parent, urls, zone }: ZoneChoice): void {
  if (!TOKEN.test(zone)) {
    throw new TrustError(
      `${JSON.stringify(zone)} cannot be the name of a zone`,
      "use 1 to 64 letters, digits, - and _",
    );
  }
  if ((RESERVED_ZONE_NAMES as readonly string[]).includes(zone)) {
    throw new TrustError(
      `${zone} cannot be the name of a zone: it is a command of mesh zone`,
      `the others are ${RESERVED_ZONE_NAMES.filter((each) => each !== zone).join(", ")}`,
    );
  }
  if (parent.facts.name === zone || hasZone(parent, zone)) {
    throw new TrustError(
      `${parent.path} has a zone ${zone} already; nothing was written`,
      `take another name, or make new credentials for it: mesh zone rotate ${zone}`,
    );
  }
  for (const agent of agents) checkAgent(agent);
  for (const url of urls) checkUrl(url, "--url");
}

export function checkAgent(agent: string): void {
  if (TOKEN.test(agent)) return;
  throw new TrustError(
    `${JSON.stringify(agent)} cannot be the name of an agent`,
    "use 1 to 64 letters, digits, - and _",
  );
}

/** Where the parent listens for leaf nodes, as its own machine dials it. */
function urlsOf({ facts, path }: Folder): readonly string[] {
  return facts.servers.map(({ leaf }) => {
    if (leaf === undefined) {
      throw new TrustError(
        `the server of ${path} takes no leaf nodes, so no zone can dial it`,
        "make it with --leaf HOST:PORT",
      );
    }
    const address = readAddress(leaf, "--leaf");
    const isKnown = facts.tls?.host !== undefined || !isEverywhere(address);
    if (isKnown) return dialled(address, facts.tls);
    throw new TrustError(
      `the server of ${path} listens on every address of its machine, so the one that the zone dials is not known`,
      `name it: --url ${facts.tls === undefined ? "nats" : "tls"}://HOST:${address.port}`,
    );
  });
}

async function foundZone(
  { leaf, listen, parent, path, tls, zone }: PlacedZone,
  urls: readonly string[],
): Promise<Folder> {
  const above = parent.facts.kind === "zone" ? { parent: parent.facts.name } : {};
  const folder = found(path, {
    version: 1,
    kind: "zone",
    name: zone,
    ...above,
    servers: placesOf(listen, leaf, 1),
    dials: urls,
    ...tlsFacts(tls),
    revocations: {},
  });
  if (tls !== undefined) await certify(folder, tls);
  if (parent.facts.tls !== undefined) await trustParent(folder, parent, tls);
  const remote = { urls, account: keyIn(folder, "account").publicKey, tls: parent.facts.tls };
  await writeServers(folder, { remote });
  return folder;
}

/**
 * The parent's authority, and with mutual TLS a certificate of it that the zone's server shows: where the parent has files
 * of another authority and so can make none, the zone's own.
 */
async function trustParent(folder: Folder, parent: Folder, tls: TlsChoice | undefined): Promise<void> {
  const at = join(folder.path, "tls");
  writePrivate(join(at, "parent-ca.pem"), readFileSync(join(parent.path, "tls/ca.pem")));
  if (parent.facts.tls?.mutual !== true) return;
  const isBrought = tls?.own !== undefined && !existsSync(join(parent.path, "tls/ca.key"));
  const pair = isBrought ? readPair(tls.own) : await certifyClient(parent.path, `zone-${folder.facts.name}`);
  savePair(at, "leaf", pair);
}
