/**
 * `nats.conf` of a hub's or a zone's server, as text. Pure. Paths are relative: a server runs inside its folder, so that
 * a folder may be carried to another machine as it is. It holds no secret but the password of a cluster's routes.
 */
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";

export interface TlsPlan {
  /** Clients, leaf nodes and routes must show a certificate of the same authority. */
  readonly mutual: boolean;
}

export interface ServerPlan {
  readonly name: string;
  readonly domain: string;
  /** HOST:PORT for clients; for leaf nodes of zones below, where it takes any. */
  readonly listen: string;
  readonly leaf?: string | undefined;
  readonly operator: string;
  readonly systemAccount: string;
  readonly tls?: TlsPlan | undefined;
  readonly cluster?: ClusterPlan | undefined;
  /** The server above this one. */
  readonly remote?: RemotePlan | undefined;
}

export interface ClusterPlan {
  readonly name: string;
  readonly listen: string;
  readonly routes: readonly string[];
  readonly user: string;
  readonly password: string;
}

export interface RemotePlan {
  readonly urls: readonly string[];
  /** Public key of the account that it connects. */
  readonly account: string;
  readonly tls?: TlsPlan | undefined;
}

/**
 * Quoted as nats-server reads it. It knows not all of JSON's escapes, but names, addresses and URLs are refused before
 * where they would need one.
 */
const quoted = (text: string): string => JSON.stringify(text);

export function serverText(plan: ServerPlan): string {
  const { cluster, leaf, remote, tls } = plan;
  const blocks = [
    `server_name: ${quoted(plan.name)}`,
    `listen: ${quoted(plan.listen)}`,
    "# A dead peer is noticed in seconds, not in the default minutes.",
    'ping_interval: "5s"',
    "ping_max: 2",
    "max_payload: 8MB",
    "# Whoever starts on a busy machine may need longer for the login than the default of two seconds.",
    "authorization { timeout: 5 }",
    `jetstream { store_dir: "js", domain: ${quoted(plan.domain)} }`,
    ...tlsBlock(tls),
    ...(leaf === undefined && remote === undefined ? [] : leafBlock(leaf, remote, tls)),
    ...(cluster === undefined ? [] : clusterBlock(cluster, tls)),
    `operator: ${plan.operator}`,
    `system_account: ${plan.systemAccount}`,
    'resolver: { type: full, dir: "jwt", allow_delete: true, interval: "2m" }',
  ];
  return `# Made by mesh. Run it in its folder: mesh server . (or: nats-server -c nats.conf, ${NATS_SERVER_MINIMUM} or newer)\n${blocks.join("\n")}\n`;
}

/** The handshake of many agents that come at once may take a busy machine longer than the server's default. */
function tlsBlock(tls: TlsPlan | undefined): readonly string[] {
  if (tls === undefined) return [];
  const files = 'cert_file: "tls/server.pem", key_file: "tls/server.key", ca_file: "tls/ca.pem"';
  return [`tls { ${files}, verify: ${tls.mutual}, timeout: 5 }`];
}

function leafBlock(
  leaf: string | undefined,
  remote: RemotePlan | undefined,
  tls: TlsPlan | undefined,
): readonly string[] {
  const listening =
    leaf === undefined ? [] : [`listen: ${quoted(leaf)}`, "no_advertise: true", ...tlsBlock(tls)];
  // Without `reconnect`: it is a second by default, and an old server, which is to be named, does not know one that is text.
  const dialling = remote === undefined ? [] : remoteLines(remote);
  return ["leafnodes {", ...[...listening, ...dialling].map((line) => `  ${line}`), "}"];
}

function remoteLines({ account, tls, urls }: RemotePlan): readonly string[] {
  const client = tls?.mutual === true ? ', cert_file: "tls/leaf.pem", key_file: "tls/leaf.key"' : "";
  const trust = tls === undefined ? [] : [`    tls { ca_file: "tls/parent-ca.pem"${client}, timeout: 5 }`];
  return [
    "remotes: [ {",
    `    urls: [ ${urls.map(quoted).join(", ")} ]`,
    `    account: ${account}`,
    '    credentials: "creds/leaf.creds"',
    ...trust,
    "} ]",
  ];
}

function clusterBlock(cluster: ClusterPlan, tls: TlsPlan | undefined): readonly string[] {
  const { listen, name, password, routes, user } = cluster;
  return [
    "cluster {",
    `  name: ${quoted(name)}`,
    `  listen: ${quoted(listen)}`,
    "  no_advertise: true",
    `  authorization { user: ${quoted(user)}, password: ${quoted(password)}, timeout: 5 }`,
    ...tlsBlock(tls).map((line) => `  ${line}`),
    `  routes: [ ${routes.map(quoted).join(", ")} ]`,
    "}",
  ];
}
