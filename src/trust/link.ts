/**
 * The parent's end of a zone's link: the zone's account there, whose server may log in with which credentials, and what
 * was revoked. A parent is a hub's folder, or a zone's for an inner zone.
 */
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readCredentials } from "../domain/credentials.ts";
import { linkClaims, type Revocations, userCreds } from "./claims.ts";
import { deliver, type Delivered } from "./deliver.ts";
import { type Folder, keyIn, type KeyName, removeKeys, saveKeys } from "./folder.ts";
import { type Key, newAccount, newUser } from "./keys.ts";
import { writePrivate } from "./private-files.ts";
import { TrustError } from "./trust-error.ts";

/** What the parent remembers of a zone. */
export interface ZoneRecord {
  readonly zone: string;
  /** The zone's folder, where it was made on this machine. */
  readonly folder?: string | undefined;
  /** Public key of the zone's account here: its key need not lie where the server runs. */
  readonly account: string;
  readonly issued: readonly { readonly publicKey: string; readonly expiresAtS?: number | undefined }[];
  readonly revocations: Revocations;
}

const recordFile = (parent: Folder, zone: string): string => join(parent.path, "zones", `${zone}.json`);

export const hasZone = (parent: Folder, zone: string): boolean => existsSync(recordFile(parent, zone));

export function zonesOf(parent: Folder): readonly string[] {
  const folder = join(parent.path, "zones");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
}

export function readRecord(parent: Folder, zone: string): ZoneRecord {
  const file = recordFile(parent, zone);
  if (!existsSync(file)) {
    const known = zonesOf(parent);
    throw new TrustError(
      `${parent.path} knows no zone ${zone}`,
      known.length === 0 ? "mesh zone init NAME makes one" : `it knows ${known.toSorted().join(", ")}`,
    );
  }
  return JSON.parse(readFileSync(file, "utf8")) as ZoneRecord;
}

export function saveRecord(parent: Folder, record: ZoneRecord): void {
  writePrivate(recordFile(parent, record.zone), `${JSON.stringify(record, undefined, 2)}\n`);
}

const keyNames = (zone: string) =>
  ({ account: `zone-${zone}`, signer: `zone-${zone}.leaf` }) as const satisfies Record<string, KeyName>;

/** Keys of a zone's account at its parent, and what the parent will remember of the zone, whose folder is at `folder`. */
export function foundLink(parent: Folder, zone: string, folder: string): ZoneRecord {
  const { account, signer } = keyNames(zone);
  const key = newAccount();
  saveKeys(parent.path, { [account]: key, [signer]: newAccount() });
  return { zone, folder, account: key.publicKey, issued: [], revocations: {} };
}

/** The parent knows no such zone any more. */
export function forgetLink(parent: Folder, zone: string): void {
  rmSync(recordFile(parent, zone), { force: true });
  removeKeys(parent.path, Object.values(keyNames(zone)));
}

function keysOf(parent: Folder, zone: string): { readonly account: Key; readonly signer: Key } {
  const { account, signer } = keyNames(zone);
  return { account: keyIn(parent, account), signer: keyIn(parent, signer) };
}

/** Tells the parent's servers what they shall know of the zone from now on. */
export async function deliverLink(parent: Folder, { revocations, zone }: ZoneRecord): Promise<Delivered> {
  const { account, signer } = keysOf(parent, zone);
  const above = parent.facts.kind === "zone" ? parent.facts.name : undefined;
  const main = keyIn(parent, "account");
  const token = await linkClaims(keyIn(parent, "operator"), {
    zone,
    account,
    signer,
    main,
    parent: above,
    revocations,
  });
  return deliver(parent, account, token);
}

export interface LeafCredentials {
  readonly creds: Uint8Array;
  readonly record: ZoneRecord;
}

/** New credentials for the zone's server. Those of before stay good. */
export async function issueLeaf(
  parent: Folder,
  record: ZoneRecord,
  expiresAtS: number | undefined,
): Promise<LeafCredentials> {
  const { account, signer } = keysOf(parent, record.zone);
  const user = { name: `zone-${record.zone}`, role: "leaf", zone: record.zone, expiresAtS } as const;
  const creds = await userCreds(user, newUser(), signer, account);
  const { publicKey } = readCredentials(new TextDecoder().decode(creds)) ?? { publicKey: "" };
  const now = Date.now() / 1000;
  const still = record.issued.filter((each) => each.expiresAtS === undefined || each.expiresAtS > now);
  const issued = [...still, { publicKey, expiresAtS }];
  return { creds, record: { ...record, account: account.publicKey, issued } };
}

/** The same record with these users' credentials no longer good. */
export function revoked(record: ZoneRecord, publicKeys: readonly string[]): ZoneRecord {
  const now = Math.floor(Date.now() / 1000);
  const more = Object.fromEntries(publicKeys.map((key) => [key, now]));
  const issued = record.issued.filter(({ publicKey }) => !publicKeys.includes(publicKey));
  return { ...record, issued, revocations: { ...record.revocations, ...more } };
}
