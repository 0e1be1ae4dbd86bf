/** `mesh hub init`: the folder of a hub, with everything that its server, its root and its doors need. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { reached, readAddress, readHost } from "./addresses.ts";
import {
  adoptClient,
  adoptFiles,
  certifyClient,
  certifyServer,
  foundAuthority,
  type OwnFiles,
  refuseStrange,
  savePair,
} from "./certificate-files.ts";
import { type Folder, type FolderFacts, readFolder, rolesAt, saveFacts, saveKeys } from "./folder.ts";
import { newAccount, newOperator } from "./keys.ts";
import { placesOf, writeConfig, writeServers } from "./server-files.ts";
import { makeWhole } from "./used-folder.ts";
import { credsFile, issue } from "./users.ts";

export interface TlsChoice {
  readonly mutual: boolean;
  /** Further names under which the servers are dialled; with own files the first is the only one that commands dial. */
  readonly hosts: readonly string[];
  /** Instead of an authority of the folder's own. */
  readonly own?: OwnFiles | undefined;
}

export interface HubChoice {
  readonly path: string;
  readonly listen: string;
  readonly leaf: string;
  readonly route?: string | undefined;
  readonly servers: number;
  /** Zones and agents are at these servers, too, with a login that may do everything. */
  readonly shared?: boolean | undefined;
  readonly tls?: TlsChoice | undefined;
  /** Seconds since the Unix epoch. */
  readonly expiresAtS?: number | undefined;
}

export async function initHub(choice: HubChoice): Promise<Folder> {
  await makeWhole(choice.path, (path) => writeHub({ ...choice, path }));
  return readFolder(choice.path);
}

async function writeHub(choice: HubChoice): Promise<void> {
  const { expiresAtS, leaf, listen, path, route, servers, shared = false, tls } = choice;
  const folder = found(path, {
    version: 1,
    kind: "hub",
    name: "hub",
    servers: placesOf(listen, leaf, servers, route),
    ...tlsFacts(tls),
    revocations: {},
  });
  if (tls !== undefined) await certify(folder, tls);
  await writeServers(folder, {});
  const door = userInfo().username.replaceAll(/[^A-Za-z0-9_-]/g, "-") || "1";
  const names = { root: "root", door: `door-${door}`, watch: "watch", sys: "sys", shared: "shared" } as const;
  for (const role of ["root", "door", "watch", "sys", ...(shared ? (["shared"] as const) : [])] as const) {
    await issue(folder, { name: names[role], role, expiresAtS }, credsFile(role));
  }
  const members = shared ? { zone: credsFile("shared"), agent: credsFile("shared") } : {};
  writeConfig(folder, { root: credsFile("root"), door: credsFile("door"), ...members });
}

/** An authority of the folder's own certifies whatever is dialled; files of another say under which name that must be. */
export function tlsFacts(tls: TlsChoice | undefined): Pick<FolderFacts, "tls"> {
  if (tls === undefined) return {};
  const hosts = tls.hosts.map((each) => readHost(each, "--host"));
  const [host] = tls.own === undefined ? [] : hosts;
  return { tls: { mutual: tls.mutual, ...(host === undefined ? {} : { host }) } };
}

/** Its facts, and the keys of its own. */
export function found(path: string, facts: FolderFacts): Folder {
  const signing = rolesAt(facts.kind).map((role) => [`sign-${role}`, newAccount()] as const);
  saveKeys(path, {
    operator: newOperator(),
    system: newAccount(),
    account: newAccount(),
    ...Object.fromEntries(signing),
  });
  return saveFacts(path, facts);
}

/** Each server's certificate, and the one that commands of this folder show. */
export async function certify({ facts, path }: Folder, { hosts, own }: TlsChoice): Promise<void> {
  if (own === undefined) await foundAuthority(path, facts.name);
  for (const { folder, leaf, listen } of facts.servers) {
    if (own !== undefined) {
      refuseStrange(own, reached(readAddress(listen, "--listen"), facts.tls).host);
      adoptFiles(path, folder, own);
      continue;
    }
    const heard = [listen, ...(leaf === undefined ? [] : [leaf])];
    await certifyServer(path, folder, [...heard.map((each) => readAddress(each, "--listen").host), ...hosts]);
  }
  if (facts.tls?.mutual !== true) return;
  if (own === undefined) savePair(join(path, "tls"), "client", await certifyClient(path, "mesh"));
  else adoptClient(path, own);
}
