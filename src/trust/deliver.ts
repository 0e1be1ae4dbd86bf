/**
 * Brings an account to the servers of a folder: to running ones at once, over their system account, and otherwise into
 * their folders, where they find it when they start. What a running server takes, it keeps and tells its cluster.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import type { Key } from "./keys.ts";
import { type Folder, writeAccount } from "./folder.ts";
import { urlOf } from "./server-files.ts";
import { TrustError } from "./trust-error.ts";
import { credsFile } from "./users.ts";

const UPDATE = "$SYS.REQ.CLAIMS.UPDATE";
const CONNECT_WITHIN_MS = 2000;
const ANSWER_WITHIN_MS = 3000;

/** `running`: it counts from now on. `stopped`: it counts from the next start of the servers on. */
export type Delivered = "running" | "stopped";

export async function deliver(folder: Folder, account: Key, token: string): Promise<Delivered> {
  const answer = await push(folder, token);
  if (answer === undefined) {
    writeAccount(folder, account, token);
    return "stopped";
  }
  const { error } = answer;
  if (error === undefined) return "running";
  throw new TrustError(
    `the server of ${folder.path} did not take the account: ${error.description ?? "it gave no reason"}`,
    "is it the server of this folder? its log says more",
  );
}

interface Answer {
  readonly error?: { readonly description?: string };
}

/** Undefined where no server of this folder answers. */
async function push(folder: Folder, token: string): Promise<Answer | undefined> {
  const connection = await open(folder);
  if (connection === undefined) return undefined;
  try {
    const answer = await connection.request(UPDATE, token, { timeout: ANSWER_WITHIN_MS });
    return answer.json<Answer>();
  } catch (error) {
    throw new TrustError(
      `the server of ${folder.path} runs, but did not say that it took the account: ${(error as Error).message}`,
      "try again; nothing else was changed",
    );
  } finally {
    await connection.close();
  }
}

async function open(folder: Folder) {
  const { facts, path } = folder;
  const creds = join(path, credsFile("sys"));
  if (!existsSync(creds)) {
    throw new TrustError(`${creds} is missing`, "bring it back: only with it a running server takes changes");
  }
  try {
    return await connect({
      servers: urlOf(facts).split(","),
      name: "mesh keys",
      authenticator: credsAuthenticator(readFileSync(creds)),
      inboxPrefix: "_INBOX.sys",
      timeout: CONNECT_WITHIN_MS,
      reconnect: false,
      ...(facts.tls === undefined ? {} : { tls: tlsFiles(folder, facts.tls.mutual) }),
    });
  } catch (error) {
    const { message, name } = error as Error;
    if (name !== "AuthorizationError" && name !== "UserAuthenticationExpiredError") return undefined;
    throw new TrustError(
      `the server at ${urlOf(facts)} refuses the credentials ${creds}: ${message}`,
      "is it the server of this folder? stop the other one, or make new credentials",
    );
  }
}

function tlsFiles({ path }: Folder, mutual: boolean) {
  const at = (name: string) => join(path, "tls", name);
  const own = mutual ? { certFile: at("client.pem"), keyFile: at("client.key") } : {};
  return { caFile: at("ca.pem"), ...own };
}
