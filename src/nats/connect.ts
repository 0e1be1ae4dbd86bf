/**
 * Opens the connection of a node. It reconnects for ever; what is lost while it is down is the publisher's care.
 * A frozen server is noticed within seconds, not the client's default of minutes.
 */
import { readFile } from "node:fs/promises";
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";

export interface ConnectOptions {
  readonly url: string;
  /** A `.creds` file (JWT and seed), or a file that holds an NKey seed. */
  readonly credsFile?: string | undefined;
  /** Shown in the server's connection list. */
  readonly name: string;
}

/** Cannot reach the server, may not log in, or the server is too old. The hint is the next step. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  readonly hint: string;
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** Connects within 5 s or fails with a `ConnectFailure`. */
export async function openConnection(options: ConnectOptions): Promise<NatsConnection> {
  const authenticator = await authenticatorOf(options.credsFile);
  const connection = await connect({
    servers: options.url,
    name: options.name,
    ...(authenticator === undefined ? {} : { authenticator }),
    inboxPrefix: inboxPrefix(options.name),
    timeout: 5000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 2000,
    maxPingOut: 2,
  }).catch((error: unknown) => {
    throw failureOf(options.url, error);
  });
  const version = connection.info?.version ?? "0";
  if (olderThan(version, NATS_SERVER_MINIMUM)) {
    await connection.close();
    throw new ConnectFailure(
      `the NATS server at ${options.url} is version ${version}; Mesh needs ${NATS_SERVER_MINIMUM} or newer`,
      "older servers silently ignore TTLs that Mesh relies on: upgrade the server, or leave out --nats to use the embedded one",
    );
  }
  return connection;
}

/** Where a node's answers come back: permissions name it, so that nobody reads another's. */
export const inboxPrefix = (name: string): string => `_INBOX.${name.replace(/[^A-Za-z0-9_-]/g, "-")}`;

async function authenticatorOf(file: string | undefined): Promise<Authenticator | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ConnectFailure(
      `cannot read the credentials file ${file}`,
      "name a .creds file or an NKey seed file",
      error,
    );
  });
  const isCreds = bytes.includes("-----BEGIN");
  return isCreds
    ? credsAuthenticator(bytes)
    : nkeyAuthenticator(new TextEncoder().encode(bytes.toString("utf8").trim()));
}

function failureOf(url: string, error: unknown): Error {
  if (error instanceof ConnectFailure) return error;
  const name = (error as Error).name;
  if (name === "AuthorizationError" || name === "UserAuthenticationExpiredError") {
    return new ConnectFailure(
      `the NATS server at ${url} refused the login`,
      "pass --creds FILE (or MESH_CREDS) with credentials that this server knows",
      error,
    );
  }
  return new ConnectFailure(
    `cannot reach a NATS server at ${url}: ${(error as Error).message}`,
    "check the address and that the server runs (nats-server -js), or leave out --nats to use the embedded one",
    error,
  );
}

/** Compares dotted versions; a pre-release counts as its release. */
export function olderThan(version: string, minimum: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number);
  const [have, want] = [parts(version), parts(minimum)];
  const index = want.findIndex((number, i) => number !== (have[i] ?? 0));
  return index >= 0 && (have[index] ?? 0) < (want[index] ?? 0);
}
