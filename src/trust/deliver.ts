/**
 * Brings an account to the servers of a folder: to running ones at once, over their system account, and otherwise into
 * their folders, where they find it when they start. What a running server takes, it keeps and tells its cluster.
 */
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { bareHost, reached, readAddress } from "./addresses.ts";
import type { Key } from "./keys.ts";
import { type Folder, type FolderTls, type ServerPlace, writeAccount } from "./folder.ts";
import { urlOf } from "./server-files.ts";
import { TrustError } from "./trust-error.ts";
import { credsFile } from "./users.ts";

const UPDATE = "$SYS.REQ.CLAIMS.UPDATE";
/** A server that does not run refuses at once; a busy one takes its time. */
const CONNECT_WITHIN_MS = 5000;
const ANSWER_WITHIN_MS = 3000;

/**
 * `running`: it counts from now on. `stopped`: it counts from the next start of the servers on. `silent`: the same, but they
 * may run and not know it, or know it and not have said so.
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
  } catch {
    return "silent"; // it was too busy to say that it took it, or is gone
  } finally {
    await connection.close();
  }
}

/** Whether the server of this very folder answers: another one would refuse its credentials. */
export async function isRunning(folder: Folder): Promise<boolean> {
  try {
    const connection = await open(folder);
    if (typeof connection === "string") return false;
    await connection.close();
    return true;
  } catch (error) {
    if (error instanceof TrustError) return false;
    throw error;
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
      ...(facts.tls === undefined ? {} : { tls: tlsOf(folder, facts.tls) }),
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

function tlsOf({ facts, path }: Folder, tls: FolderTls) {
  const at = (name: string) => join(path, "tls", name);
  const own = tls.mutual ? { certFile: at("client.pem"), keyFile: at("client.key") } : {};
  return { caFile: at("ca.pem"), ...own, checkServerIdentity: identityCheck(facts.servers, tls) };
}

/** The client dials an address without telling Node, which then looks for another name in the certificate. */
function identityCheck([first]: readonly ServerPlace[], tls: FolderTls) {
  // All servers of a folder are on one host.
  const host = first === undefined ? "" : bareHost(reached(readAddress(first.listen, "--listen"), tls).host);
  return (name: string, certificate: PeerCertificate) =>
    checkServerIdentity(isIP(host) === 0 ? name : host, certificate);
}
