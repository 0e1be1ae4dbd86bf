/** Credentials of a folder's own users: made with the folder's signing keys, one file each, all of them written down. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCredentials } from "../domain/credentials.ts";
import { type User, userCreds } from "./claims.ts";
import { type Folder, keyIn } from "./folder.ts";
import { newUser } from "./keys.ts";
import { writePrivate } from "./private-files.ts";

/** One user's credentials of all times that may still be good. */
export interface Issued {
  readonly user: User;
  /** Where the newest lie in the folder. */
  readonly file: string;
  readonly publicKeys: readonly string[];
  readonly revokedKeys?: readonly string[];
}

/** Where the credentials of a user lie in its folder. */
export function credsFile(role: User["role"], agent = ""): string {
  return role === "agent" ? join("agents", `${agent}.creds`) : join("creds", `${role}.creds`);
}

/** Writes new credentials of a user of this server, in place of those that lie there; those stay good. */
export async function issue(folder: Folder, user: User, file: string): Promise<void> {
  const account = keyIn(folder, user.role === "sys" ? "system" : "account");
  const isWhole = user.role === "sys" || user.role === "shared";
  const signer = isWhole ? account : keyIn(folder, `sign-${user.role}`);
  const creds = await userCreds(user, newUser(), signer, account);
  const publicKey = readCredentials(new TextDecoder().decode(creds))?.publicKey ?? "";
  const past = issuedIn(folder);
  const { publicKeys = [], revokedKeys = [] } = past[user.name] ?? {};
  const all = { user, file, publicKeys: [...publicKeys, publicKey], revokedKeys };
  saveIssued(folder, { ...past, [user.name]: all });
  writePrivate(join(folder.path, file), creds);
}

type ByName = Readonly<Record<string, Issued>>;

const recordFile = ({ path }: Folder): string => join(path, "issued.json");

/** Every user of the folder, by name. */
export function issuedIn(folder: Folder): ByName {
  const file = recordFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ByName) : {};
}

export const saveIssued = (folder: Folder, issued: ByName): void =>
  writePrivate(recordFile(folder), `${JSON.stringify(issued, undefined, 2)}\n`);
