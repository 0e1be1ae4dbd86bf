/**
 * The folder of a hub or of a zone: what it says about itself, where its files lie, and its keys. It is read and written
 * by commands only; the server inside reads `nats.conf`, `jwt`, `tls` and the leaf's credentials.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { FACTS_FILE } from "../domain/folder-files.ts";
import type { Holder, Principal } from "../../streams/permissions.ts";
import type { MainAccount, Revocations, Signers } from "./claims.ts";
import { type Key, readKey, seedOf } from "./keys.ts";
import { makePrivate, writePrivate } from "./private-files.ts";
import { TrustError } from "./trust-error.ts";

export interface ServerPlace {
  /** Below the folder: `.`, or `hub-1` and so on in a cluster. */
  readonly folder: string;
  /** HOST:PORT where it listens for clients, and for leaf nodes. */
  readonly listen: string;
  readonly leaf?: string | undefined;
  /** HOST:PORT where it listens for the other servers of its cluster. */
  readonly route?: string | undefined;
}

export interface FolderTls {
  readonly mutual: boolean;
  /** The name or address, brackets included, that is dialled in place of where the servers listen. */
  readonly host?: string | undefined;
}

export interface FolderFacts {
  readonly version: 1;
  readonly kind: "hub" | "zone";
  /** A zone's name; `hub` at the hub. */
  readonly name: string;
  /** Of a zone: the zone above it; missing where that is root. */
  readonly parent?: string | undefined;
  readonly servers: readonly ServerPlace[];
  /** Of a zone: where its server dials the one above. */
  readonly dials?: readonly string[] | undefined;
  /** Without it connections are in the clear. */
  readonly tls?: FolderTls | undefined;
  /** Users of this folder's own account whose credentials no longer count, by public key: since when, in seconds. */
  readonly revocations: Revocations;
}

export interface Folder {
  readonly path: string;
  readonly facts: FolderFacts;
}

export const hasFacts = (path: string): boolean => existsSync(join(path, FACTS_FILE));

export function readFolder(path: string): Folder {
  const file = join(path, FACTS_FILE);
  if (!existsSync(file)) {
    throw new TrustError(
      `${path} is no folder of a hub or a zone: it has no ${FACTS_FILE}`,
      "make a hub with mesh hub init DIR, a zone with mesh zone init NAME --hub DIR",
    );
  }
  try {
    const facts = JSON.parse(readFileSync(file, "utf8")) as FolderFacts;
    if (facts.version !== 1) throw new Error(`version ${String(facts.version)} is unknown to this mesh`);
    return { path: resolve(path), facts };
  } catch (error) {
    throw new TrustError(
      `cannot read ${file}: ${(error as Error).message}`,
      "bring the file back, or use the version of mesh that made it",
    );
  }
}

export function saveFacts(path: string, facts: FolderFacts): Folder {
  writePrivate(join(path, FACTS_FILE), `${JSON.stringify(facts, undefined, 2)}\n`);
  return { path: resolve(path), facts };
}

/** Names of key files, without their folder. */
export type KeyName = "operator" | "system" | "account" | `sign-${Principal}` | `zone-${string}`;

const keyFile = (path: string, name: KeyName): string => join(path, "keys", `${name}.nk`);

export const keyIn = ({ path }: Folder, name: KeyName): Key => readKey(keyFile(path, name));

export function saveKeys(path: string, keys: Readonly<Partial<Record<KeyName, Key>>>): void {
  for (const [name, key] of Object.entries(keys)) {
    if (key !== undefined) writePrivate(keyFile(path, name as KeyName), seedOf(key));
  }
}

export function removeKeys(path: string, names: readonly KeyName[]): void {
  for (const name of names) rmSync(keyFile(path, name), { force: true });
}

/** Roles that live in the main account of a server. */
export const rolesAt = (kind: FolderFacts["kind"]): readonly Principal[] =>
  kind === "hub" ? ["root", "door", "watch"] : ["zone", "agent", "watch"];

/** Filled in by the server from the credentials of whoever connects. */
const templates = { name: "{{name()}}", agent: "{{tag(mesh-agent)}}" } as const;

export function mainAccountOf(folder: Folder): MainAccount {
  const { kind, name, parent, revocations } = folder.facts;
  const zone = kind === "zone" ? name : undefined;
  const holder: Holder = { ...templates, zone: zone ?? "", parent };
  const signers: Signers = Object.fromEntries(
    rolesAt(kind).map((role) => [role, keyIn(folder, `sign-${role}`)]),
  );
  return {
    name: kind === "hub" ? "MESH" : "ZONE",
    account: keyIn(folder, "account"),
    signers,
    holder,
    zone,
    revocations,
  };
}

/** Where each server of the folder keeps accounts. */
export function writeAccount({ path, facts }: Folder, account: Key, token: string): void {
  for (const { folder } of facts.servers) {
    makePrivate(join(path, folder, "jwt"));
    writePrivate(join(path, folder, "jwt", `${account.publicKey}.jwt`), token);
  }
}
