/**
 * New credentials in place of old ones, and the end of old ones, without stopping a run: whoever connects next reads the
 * new file; what was revoked is cut at once. Accounts are delivered anew with it, so a newer mesh brings its newer rights.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mainClaims, type Revocations } from "./claims.ts";
import { deliver, type Delivered } from "./deliver.ts";
import { type Folder, hasFacts, keyIn, mainAccountOf, saveFacts } from "./folder.ts";
import { deliverLink, issueLeaf, readRecord, revoked, saveRecord, type ZoneRecord } from "./link.ts";
import { writePrivate } from "./private-files.ts";
import { TrustError } from "./trust-error.ts";
import { credsFile, type Issued, issue, issuedIn, saveIssued } from "./users.ts";

export interface Renewal {
  readonly expiresAtS?: number | undefined;
  /** The old ones end at once. */
  readonly revoke: boolean;
}

export interface Renewed {
  /** Files that hold new credentials. */
  readonly files: readonly string[];
  readonly delivered: Delivered;
}

/** Brings the main account of a folder to its servers as it is now. */
export function deliverMain(folder: Folder): Promise<Delivered> {
  const main = mainAccountOf(folder);
  return mainClaims(keyIn(folder, "operator"), main).then((token) => deliver(folder, main.account, token));
}

/**
 * New credentials for every user of a folder. The system's own are renewed, too, or nothing could be delivered once they have
 * expired; they are not revoked, since whoever holds the folder could make others.
 */
export async function renewUsers(folder: Folder, { expiresAtS, revoke }: Renewal): Promise<Renewed> {
  const past = Object.values(issuedIn(folder));
  for (const { file, user } of past) await issue(folder, { ...user, expiresAtS }, file);
  const files = past.map(({ file }) => join(folder.path, file));
  const ended = revoke ? past.filter(({ user }) => user.role !== "sys") : [];
  const old = ended.flatMap(({ publicKeys }) => publicKeys);
  return { files, delivered: await revokeKeys(folder, old) };
}

/** Ends all credentials that a user of a folder ever had. */
export async function revokeUser(folder: Folder, name: string): Promise<Delivered> {
  const known = issuedIn(folder);
  const found: Issued | undefined = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found?.user.role === "sys") {
    throw new TrustError(
      "the system's own credentials cannot be revoked: they bring what is revoked to the server",
      "if somebody else has them, make a new folder, and with it new keys: mesh hub init, mesh zone init",
    );
  }
  if (found !== undefined) return revokeKeys(folder, found.publicKeys);
  throw new TrustError(
    `${folder.path} has given no credentials to ${name}`,
    `it has given some to ${Object.keys(known).toSorted().join(", ")}`,
  );
}

async function revokeKeys(folder: Folder, keys: readonly string[]): Promise<Delivered> {
  const revocations = { ...folder.facts.revocations, ...since(keys) };
  const changed = saveFacts(folder.path, { ...folder.facts, revocations });
  forgetKeys(changed, keys);
  return deliverMain(changed);
}

/** Whoever still comes with one of them is called by the name that it had. */
const REVOKED_KEPT = 20;

function forgetKeys(folder: Folder, keys: readonly string[]): void {
  const left = Object.entries(issuedIn(folder)).map(([name, each]) => {
    const publicKeys = each.publicKeys.filter((key) => !keys.includes(key));
    const ended = each.publicKeys.filter((key) => keys.includes(key));
    const revokedKeys = [...(each.revokedKeys ?? []), ...ended].slice(-REVOKED_KEPT);
    return [name, { ...each, publicKeys, revokedKeys }] as const;
  });
  saveIssued(folder, Object.fromEntries(left));
}

const since = (keys: readonly string[]): Revocations => {
  const now = Math.floor(Date.now() / 1000);
  return Object.fromEntries(keys.map((key) => [key, now]));
};

/** New credentials for a zone's link; they lie in the zone's folder where that is here, else beside the parent's record. */
export async function renewLink(
  parent: Folder,
  zone: string,
  folder: Folder | undefined,
  { expiresAtS, revoke }: Renewal,
): Promise<Renewed> {
  const past = readRecord(parent, zone);
  await untilAfter(past.revocations["*"]);
  const { creds, record } = await issueLeaf(parent, past, expiresAtS);
  const file =
    folder === undefined
      ? join(parent.path, "zones", `${zone}.leaf.creds`)
      : join(folder.path, credsFile("leaf"));
  writePrivate(file, creds);
  const old = past.issued.map(({ publicKey }) => publicKey);
  const next = revoke ? revoked(record, old) : record;
  return { files: [file], delivered: await deliverRecord(parent, next) };
}

/** Ends the link of a zone: whatever credentials its server has, they are no longer good. */
export function revokeLink(parent: Folder, zone: string): Promise<Delivered> {
  const past = readRecord(parent, zone);
  const keys = past.issued.map(({ publicKey }) => publicKey);
  return deliverRecord(parent, revoked(past, [...keys, "*"]));
}

/**
 * Written down first: what was revoked stays revoked, whatever happens on the way to the server. The link comes before the
 * main account, which has only rights of a newer mesh to bring: nothing of it may keep a revocation from being sent.
 */
async function deliverRecord(parent: Folder, record: ZoneRecord): Promise<Delivered> {
  saveRecord(parent, record);
  const delivered = await deliverLink(parent, record);
  await deliverMain(parent);
  return delivered;
}

/** A revocation counts for all credentials of its second; new ones must not be among them. */
async function untilAfter(second: number | undefined): Promise<void> {
  const leftMs = ((second ?? 0) + 1) * 1000 - Date.now();
  if (leftMs > 0) await pause(Math.min(leftMs, 1000));
}

/** The zone's folder, where `mesh zone init` made it on this machine and it is still there. */
export const folderOf = (parent: Folder, zone: string): string | undefined => {
  const { folder } = readRecord(parent, zone);
  return folder !== undefined && hasFacts(folder) ? folder : undefined;
};
