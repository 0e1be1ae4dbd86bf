/**
 * Where the servers of the mesh are, as far as this process knows: no script may reach them. Names are given with the
 * addresses that they have now; a server on this machine with all addresses of the machine.
 */
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { serversIn } from "../domain/server-url.ts";
import { inspectKeeper } from "../keeper/keeper.ts";

const NATS_PORT = "4222";
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "8123", "https:": "8443" };

/** `host:port` of the NATS servers of a URL, of the ClickHouse that is named, and of embedded servers. */
export async function controlPlane(natsUrl: string): Promise<readonly string[]> {
  const status = await inspectKeeper().catch(() => undefined);
  const embedded = status?.servers.map(({ url }) => url) ?? [];
  const { MESH_CLICKHOUSE_URL: clickhouse = "" } = process.env;
  const urls = [...serversIn(natsUrl), ...embedded, ...(clickhouse === "" ? [] : [clickhouse])];
  const all = await Promise.all(urls.map(spellings));
  return [...new Set(all.flat())];
}

async function spellings(url: string): Promise<readonly string[]> {
  // A scheme that URL knows, so that it takes host and port apart.
  const parsed = URL.parse(/^https?:/i.test(url) ? url : `ws://${url.replace(/^[a-z+]+:\/\//i, "")}`);
  if (parsed === null) return [];
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  const port = parsed.port === "" ? (DEFAULT_PORTS[parsed.protocol] ?? NATS_PORT) : parsed.port;
  const found = await lookup(host, { all: true }).catch(() => []);
  const addresses = found.map(({ address }) => address);
  const own = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => address),
  );
  const isHere = addresses.some((address) => own.includes(address));
  return [host, ...addresses, ...(isHere ? own : [])].map((each) =>
    each.includes(":") ? `[${each.split("%")[0]}]:${port}` : `${each}:${port}`,
  );
}
