/**
 * Opens the connection of a node. It reconnects for ever; what is lost while it is down is the publisher's care.
 * A frozen server is noticed within seconds, not the client's default of minutes.
 */
import { readFile } from "node:fs/promises";
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { isNewEnough, parseVersion } from "../domain/program-version.ts";
import { loginIn, serversIn, shownUrl } from "../domain/server-url.ts";
import { isNoResponders, PAYLOAD_HINT } from "./nats-errors.ts";
import { leavingNoSilentSocket } from "./silent-sockets.ts";

export interface ConnectOptions {
  /** One address or several, separated by commas; a login may stand in front of the host, as `nats` takes it. */
  readonly url: string;
  /** A `.creds` file (JWT and seed), or a file that holds an NKey seed. */
  readonly credsFile?: string | undefined;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** How long a server may say nothing: ten seconds, unless somebody only looks. */
  readonly withinMs?: number | undefined;
  /** Says something to whoever watches this process. */
  readonly note?: ((line: string) => void) | undefined;
}

/** Cannot reach the server, may not log in, or the server is too old or lacks JetStream. The hint is the next step. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  readonly hint: string;
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** A server that refuses says so at once; one that says nothing may be busy, as long as a door waits for any answer. */
const CONNECT_WITHIN_MS = 10_000;

/** A connection that hears nothing may be just that one: on a busy machine another of the same moment was answered. */
const TRIES = 3;

async function tryToConnect(client: Parameters<typeof connect>[0]): Promise<NatsConnection> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await connect(client);
    } catch (error) {
      if (left === 0 || (error as Error).name !== "TimeoutError") throw error;
    }
  }
}

/** Connects within that time or fails with a `ConnectFailure`. */
export async function openConnection(options: ConnectOptions): Promise<NatsConnection> {
  const authenticator = await authenticatorOf(options.credsFile);
  const [login, servers] = [loginIn(options.url), serversIn(options.url)];
  if (login === undefined) {
    const message = `the addresses ${shownUrl(options.url)} carry different logins, and a connection has one`;
    throw new ConnectFailure(message, "give all of them the same login, or name a file with --creds");
  }
  const client = {
    servers: [...servers],
    name: options.name,
    ...login,
    ...(authenticator === undefined ? {} : { authenticator }),
    inboxPrefix: inboxPrefix(options.name),
    // The client waits so long for each of them, one after the other.
    timeout: Math.ceil((options.withinMs ?? CONNECT_WITHIN_MS) / TRIES / servers.length),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 2000,
    maxPingOut: 2,
  };
  const connection = await leavingNoSilentSocket(servers, () => tryToConnect(client)).catch(
    (error: unknown) => {
      throw failureOf(options.url, error);
    },
  );
  const unfit =
    unfitVersion(connection, shownUrl(options.url)) ?? (await withoutJetStream(connection, options));
  if (unfit !== undefined) {
    await connection.close();
    throw unfit;
  }
  notePayload(connection, options);
  return connection;
}

function unfitVersion({ info }: NatsConnection, url: string): ConnectFailure | undefined {
  const version = info?.version ?? "unknown";
  const parsed = parseVersion(version);
  if (parsed !== undefined && isNewEnough(parsed)) return undefined;
  return new ConnectFailure(
    `the NATS server at ${url} is version ${version}; Mesh needs ${NATS_SERVER_MINIMUM} or newer`,
    "older servers silently ignore TTLs that Mesh relies on: upgrade the server, or leave out --nats to use the embedded one",
  );
}

/** A server without JetStream of its own may reach one that has it, in its cluster or over a leaf link. */
async function withoutJetStream(
  connection: NatsConnection,
  { url }: ConnectOptions,
): Promise<ConnectFailure | undefined> {
  if (connection.info?.jetstream === true) return undefined;
  const failure = await connection.request("$JS.API.INFO", "", { timeout: 2000 }).then(
    () => undefined,
    (error: unknown) => error,
  );
  // Anything else – no permission, a slow link – says nothing about JetStream.
  if (!isNoResponders(failure)) return undefined;
  return new ConnectFailure(
    `the NATS server at ${shownUrl(url)} has no JetStream, and reaches no server that has it`,
    "Mesh keeps everything in JetStream: start the server with nats-server -js",
  );
}

/** An interval of a large run, or a summary, may be this long. */
const PAYLOAD_BYTES = 4_000_000;

function notePayload({ info }: NatsConnection, { note, url }: ConnectOptions): void {
  const most = info?.max_payload ?? PAYLOAD_BYTES;
  if (most >= PAYLOAD_BYTES) return;
  note?.(
    `the NATS server at ${shownUrl(url)} takes messages of at most ${most} bytes: large runs may not fit; ${PAYLOAD_HINT}`,
  );
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

function failureOf(address: string, error: unknown): Error {
  if (error instanceof ConnectFailure) return error;
  const url = shownUrl(address);
  const name = (error as Error).name;
  if (name === "AuthorizationError" || name === "UserAuthenticationExpiredError") {
    return new ConnectFailure(
      `the NATS server at ${url} refused the login`,
      "pass --creds FILE (or MESH_CREDS) with credentials that this server knows",
      error,
    );
  }
  return new ConnectFailure(
    `cannot reach a NATS server at ${url}: ${(error as Error).message.replaceAll(address, url)}`,
    "check the address and that the server runs (nats-server -js), or leave out --nats to use the embedded one",
    error,
  );
}
