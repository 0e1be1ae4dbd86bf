/**
 * Opens the connection of a node. It reconnects for ever; what is lost while it is down is the publisher's care.
 * A frozen server is noticed within seconds, not the client's default of minutes.
 */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { loginIn, serversIn, shownUrl } from "../domain/server-url.ts";
import { ConnectFailure, failureOf, lostLogin, refusedText } from "./connect-failure.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { endOf, type Login, loginOf } from "./credentials.ts";
import { PAYLOAD_HINT } from "./nats-errors.ts";
import { RefusedLogin } from "./refused-login.ts";
import { leavingNoSilentSocket } from "./silent-sockets.ts";
import { tlsOf } from "./tls.ts";
import { refusedCertificate } from "./tls-failure.ts";
import { unfitServer } from "./unfit-server.ts";

export { ConnectFailure } from "./connect-failure.ts";
export type { ConnectOptions, TlsFiles } from "./connect-options.ts";

export interface Opened extends Omit<Login, "authenticator"> {
  readonly connection: NatsConnection;
}

/** A server that refuses says so at once; one that says nothing may be busy, as long as a door waits for any answer. */
const CONNECT_WITHIN_MS = 10_000;

/** A connection that hears nothing may be just that one: on a busy machine another of the same moment was answered. */
const TRIES = 3;

/** The server waited two seconds for our login: many that come at once keep a busy machine for longer. It is no refusal. */
const isLateLogin = (error: unknown): boolean =>
  error instanceof Error && /^authentication timeout$/i.test(error.message);

async function tryToConnect(
  client: Parameters<typeof connect>[0],
  options: ConnectOptions,
): Promise<NatsConnection> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await connect(client);
    } catch (error) {
      if (isLateLogin(error) && left > 0) continue;
      if ((error as Error).name !== "TimeoutError") throw error;
      const refused = left === TRIES - 1 ? await refusedCertificate(options.url, options.tls) : undefined;
      if (refused !== undefined) throw new ConnectFailure(...refused, error);
      if (left === 0) throw error;
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
  const tls = await tlsOf(options.tls, options.url);
  const refused = new RefusedLogin(async () =>
    options.note?.(refusedText(options, await endOf(options.credsFile))),
  );
  const client = {
    servers: [...servers],
    name: options.name,
    ...login,
    ...(authenticator === undefined ? {} : { authenticator: refused.watching(authenticator) }),
    ignoreAuthErrorAbort: options.stays === true,
    ...(tls === undefined ? {} : { tls }),
    inboxPrefix,
    // The client waits so long for each of them, one after the other.
    timeout: Math.ceil((options.withinMs ?? CONNECT_WITHIN_MS) / TRIES / servers.length),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 2000,
    maxPingOut: 2,
  };
  const connection = await leavingNoSilentSocket(servers, () => tryToConnect(client, options)).catch(
    async (error: unknown) => {
      throw failureOf(options, error, await endOf(options.credsFile));
    },
  );
  const unfit = await unfitServer(connection, options);
  if (unfit !== undefined) {
    await connection.close();
    throw unfit;
  }
  notePayload(connection, options);
  void refused.follow(connection);
  void tellEnd(connection, options);
  return { connection, inboxPrefix, principal };
}

/** The client gives up by itself only where its login is refused twice in a row. */
async function tellEnd(connection: NatsConnection, options: ConnectOptions): Promise<void> {
  const error = await connection.closed();
  if (error instanceof Error) options.onEnd?.(lostLogin(options, error, await endOf(options.credsFile)));
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
