/** A server that answers, and is none that Mesh can use: too old, somebody else's, or without JetStream. */
import type { NatsConnection } from "@nats-io/transport-node";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { isNewEnough, parseVersion } from "../domain/program-version.ts";
import { shownUrl } from "../domain/server-url.ts";
import { ConnectFailure } from "./connect-failure.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { isNoResponders } from "./nats-errors.ts";
import { domainOf, foreignZone } from "./server-domain.ts";

/** What is wrong with the server for these purposes; undefined: it serves. */
export const unfitServer = async (
  connection: NatsConnection,
  options: ConnectOptions,
): Promise<ConnectFailure | undefined> =>
  unfitVersion(connection, shownUrl(options.url)) ??
  wrongServer(connection, options) ??
  (await withoutJetStream(connection, options));

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
