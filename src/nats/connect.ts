/**
 * Opens the connection of a node. It reconnects for ever; what is lost while it is down is the publisher's care.
 * A frozen server is noticed within seconds, not the client's default of minutes.
 */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { isNewEnough, parseVersion } from "../domain/program-version.ts";
import { loginIn, serversIn, shownUrl } from "../domain/server-url.ts";
import { endOf, type Login, loginOf } from "./credentials.ts";
import { isNoResponders, PAYLOAD_HINT } from "./nats-errors.ts";
import { domainOf, type End, foreignZone } from "./server-domain.ts";
import { leavingNoSilentSocket } from "./silent-sockets.ts";

export interface ConnectOptions {
  /** One address or several, separated by commas; a login may stand in front of the host, as `nats` takes it. */
  readonly url: string;
  /** A `.creds` file (JWT and seed), or a file that holds an NKey seed. */
  readonly credsFile?: string | undefined;
  /** Where servers show certificates of an authority of one's own, or ask for one. */
  readonly tls?: TlsFiles | undefined;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** Where it should lead; a zone's own server is refused to whoever has no business there. */
  readonly end?: End | undefined;
  /** How long a server may say nothing: ten seconds, unless somebody only looks. */
  readonly withinMs?: number | undefined;
  /** Says something to whoever watches this process. */
  readonly note?: ((line: string) => void) | undefined;
}

/** PEM files. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Cannot reach the server, may not log in, or the server is too old or lacks JetStream. The hint is the next step. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  readonly hint: string;
  /** The server is right, what was asked of it is not. */
  readonly isUsage: boolean;
  constructor(message: string, hint: string, cause?: unknown, isUsage = false) {
    super(message, { cause });
    this.hint = hint;
    this.isUsage = isUsage;
  }
}

export interface Opened extends Omit<Login, "authenticator"> {
  readonly connection: NatsConnection;
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
export async function openConnection(options: ConnectOptions): Promise<Opened> {
  const { authenticator, inboxPrefix, principal } = await credentialsOf(options);
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
    ...tlsOf(options.tls),
    inboxPrefix,
    // The client waits so long for each of them, one after the other.
    timeout: Math.ceil((options.withinMs ?? CONNECT_WITHIN_MS) / TRIES / servers.length),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 2000,
    maxPingOut: 2,
  };
  const connection = await leavingNoSilentSocket(servers, () => tryToConnect(client)).catch(
    async (error: unknown) => {
      throw failureOf(options, error, await endOf(options.credsFile));
    },
  );
  const unfit =
    unfitVersion(connection, shownUrl(options.url)) ??
    wrongServer(connection, options) ??
    (await withoutJetStream(connection, options));
  if (unfit !== undefined) {
    await connection.close();
    throw unfit;
  }
  notePayload(connection, options);
  return { connection, inboxPrefix, principal };
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

function wrongServer(connection: NatsConnection, { end, url }: ConnectOptions): ConnectFailure | undefined {
  const owner = foreignZone(end, domainOf(connection));
  if (end === undefined || owner === undefined) return undefined;
  const server = `the NATS server at ${shownUrl(url)} is that of zone ${owner}`;
  if (end.at === "hub")
    return new ConnectFailure(server, "name the hub's server with --nats", undefined, true);
  const message = `${server}, and this is zone ${end.zone}`;
  const hint = `mesh zone ${owner}, or name the server of zone ${end.zone} with --nats`;
  return new ConnectFailure(message, hint, undefined, true);
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

const credentialsOf = ({ credsFile, name }: ConnectOptions): Promise<Login> =>
  loginOf(credsFile, name).catch((error: unknown) => {
    const message = `cannot read the credentials file ${credsFile}`;
    throw new ConnectFailure(message, "name a .creds file or an NKey seed file", error);
  });

function tlsOf(files: TlsFiles | undefined) {
  if (files === undefined) return {};
  const { ca, cert, key } = files;
  const named = { caFile: ca, certFile: cert, keyFile: key };
  return { tls: Object.fromEntries(Object.entries(named).filter(([, file]) => file !== undefined)) };
}

function failureOf({ credsFile, url: address }: ConnectOptions, error: unknown, endedMs?: number): Error {
  if (error instanceof ConnectFailure) return error;
  const url = shownUrl(address);
  const name = (error as Error).name;
  if (name === "AuthorizationError" || name === "UserAuthenticationExpiredError") {
    if (endedMs !== undefined) return ended(url, credsFile, endedMs, error);
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

const ended = (url: string, file: string | undefined, endedMs: number, error: unknown): ConnectFailure =>
  new ConnectFailure(
    `the NATS server at ${url} refused the login: the credentials in ${file} ended at ${new Date(endedMs).toISOString()}`,
    "pass newer ones with --creds (or MESH_CREDS); whoever keeps the keys of that server makes them",
    error,
  );
