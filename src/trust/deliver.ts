/**
 * Brings an account to the servers of a folder: to running ones at once, over their system account, and otherwise into
 * their folders, where they find it when they start. What a running server takes, it keeps and tells its cluster.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Key } from "./keys.ts";
import { type Folder, writeAccount } from "./folder.ts";
import { urlOf } from "./server-files.ts";
import { TrustError } from "./trust-error.ts";
import { credsFile } from "./users.ts";

const UPDATE = "$SYS.REQ.CLAIMS.UPDATE";
/** A server that does not run refuses at once; a busy one takes its time. */
const CONNECT_WITHIN_MS = 5000;
const ANSWER_WITHIN_MS = 3000;

/**
 * `running`: it counts from now on. `stopped`: it counts from the next start of the servers on. `silent`: the same, but they
 * may run and not know it.
 */
export type Delivered = "running" | "stopped" | "silent";

export async function deliver(folder: Folder, account: Key, token: string): Promise<Delivered> {
  const answer = await push(folder, token);
  if (typeof answer === "string") {
    writeAccount(folder, account, token);
    return answer;
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

type Away = Exclude<Delivered, "running">;

async function push(folder: Folder, token: string): Promise<Answer | Away> {
  const connection = await open(folder);
  if (typeof connection === "string") return connection;
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

async function open(folder: Folder): Promise<NatsConnection | Away> {
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
    if (name !== "AuthorizationError" && name !== "UserAuthenticationExpiredError")
      return message === "connection refused" ? "stopped" : "silent";
    throw new TrustError(
      `the server at ${urlOf(facts)} refuses the credentials ${creds}: ${message}`,
      "is it the server of this folder? if they have expired, mesh hub rotate or mesh zone rotate makes new ones",
    );
  }
}

function tlsFiles({ path }: Folder, mutual: boolean) {
  const at = (name: string) => join(path, "tls", name);
  const own = mutual ? { certFile: at("client.pem"), keyFile: at("client.key") } : {};
  return { caFile: at("ca.pem"), ...own };
}
