/** Credentials of a folder's own users: made with the folder's signing keys, one file each. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Principal } from "../../streams/permissions.ts";
import { type Credentials, readCredentials } from "../domain/credentials.ts";
import { type User, userCreds } from "./claims.ts";
import { type Folder, keyIn } from "./folder.ts";
import { newUser } from "./keys.ts";
import { writePrivate } from "./private-files.ts";

/** Where the credentials of a user lie in its folder. */
export function credsFile(role: User["role"], agent = ""): string {
  return role === "agent" ? join("agents", `${agent}.creds`) : join("creds", `${role}.creds`);
}

/** Writes new credentials of a user of this server, in place of those that lie there. */
export async function issue(folder: Folder, user: User, file: string): Promise<void> {
  const isSystem = user.role === "sys";
  const account = keyIn(folder, isSystem ? "system" : "account");
  const signer = isSystem ? account : keyIn(folder, `sign-${user.role as Principal}`);
  writePrivate(join(folder.path, file), await userCreds(user, newUser(), signer, account));
}

/** What the credentials in a file of a folder say; undefined where there are none. */
export function credentialsAt(path: string): Credentials | undefined {
  return existsSync(path) ? readCredentials(readFileSync(path, "utf8")) : undefined;
}
