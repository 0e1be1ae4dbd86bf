/**
 * Who a connection says it is: what is in its file of credentials. The file is read again at each connect, so that one that
 * was replaced counts without a new start. Nothing here shows a secret.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core";
import { readCredentials, renewal } from "../domain/credentials.ts";

export interface Login {
  readonly authenticator: Authenticator | undefined;
  /** Where answers come back: permissions name it, so that nobody reads another's. */
  readonly inboxPrefix: string;
  /** The name of the user in a `.creds` file: the server vouches for it. An NKey seed or a password has none. */
  readonly principal: string | undefined;
}

const isCreds = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes("-----BEGIN");

/** Rejects when the file cannot be read. `name` stands for the connection where nothing else gives it one. */
export async function loginOf(file: string | undefined, name: string): Promise<Login> {
  const nameless = { inboxPrefix: inboxOf(name), principal: undefined };
  if (file === undefined) return { authenticator: undefined, ...nameless };
  const first = await readFile(file);
  const now = latest(file, first);
  if (isCreds(first)) {
    const principal = claimsIn(first)?.name || undefined;
    return { authenticator: credsAuthenticator(now), inboxPrefix: inboxOf(principal ?? name), principal };
  }
  const seed = () => new TextEncoder().encode(Buffer.from(now()).toString("utf8").trim());
  return { authenticator: nkeyAuthenticator(seed), ...nameless };
}

/** Credentials that have ended: when, in ms since the Unix epoch, and who makes new ones. */
export interface Ended {
  readonly atMs: number;
  readonly renewal: string;
}

/** How those in a file ended, where they have. */
export async function endOf(file: string | undefined): Promise<Ended | undefined> {
  const bytes = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  const own = bytes === undefined ? undefined : claimsIn(bytes);
  if (own?.expiresAtS === undefined || own.expiresAtS * 1000 >= Date.now()) return undefined;
  return { atMs: own.expiresAtS * 1000, renewal: renewal(own) };
}

/** While a file is being replaced, what it held last still counts. */
function latest(file: string, first: Uint8Array): () => Uint8Array {
  let last = first;
  return () => {
    try {
      const bytes = readFileSync(file);
      if (bytes.length > 0) last = bytes;
    } catch {
      // It is just being replaced, or gone: the server will say whether the last one still counts.
    }
    return last;
  };
}

const claimsIn = (creds: Uint8Array) => readCredentials(Buffer.from(creds).toString("utf8"));

const inboxOf = (name: string): string => `_INBOX.${name.replace(/[^A-Za-z0-9_-]/g, "-")}`;
