/**
 * The configuration of the embedded nats-server, as text. Pure. It holds the public key of the one user and no secret.
 */

export interface NatsConfig {
  /** 0: any free port. */
  readonly port: number;
  readonly storeFolder: string;
  readonly portsFolder: string;
  readonly logFile: string;
  readonly userPublicKey: string;
  readonly fileStoreBytesMax: number;
}

/** Quoted as nats-server reads it: JSON's escapes are a subset of its own. */
const quoted = (text: string): string => JSON.stringify(text);

/** Loopback only; pings every 5 s, so that a dead peer is noticed in seconds and not in the default minutes. */
export function natsConfigText(config: NatsConfig): string {
  return `server_name: "mesh-embedded"
host: "127.0.0.1"
port: ${config.port === 0 ? -1 : config.port}
ports_file_dir: ${quoted(config.portsFolder)}
log_file: ${quoted(config.logFile)}
logfile_size_limit: 10MB
logfile_max_num: 3
max_payload: 8MB
ping_interval: "5s"
ping_max: 2
jetstream {
  store_dir: ${quoted(config.storeFolder)}
  max_memory_store: 536870912
  max_file_store: ${config.fileStoreBytesMax}
}
authorization {
  users: [ { nkey: ${quoted(config.userPublicKey)} } ]
}
`;
}

/** `MESH_NATS_PORT` as a port, 0 if unset; undefined if it is not a port. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** The client URL in the text of a ports file; undefined while it is not written in full. */
export function urlInPortsFile(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { nats?: string[] }).nats?.[0];
  } catch {
    return undefined;
  }
}
