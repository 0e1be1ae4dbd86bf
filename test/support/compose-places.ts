/**
 * Where the hosts, ports and folders of `deploy/compose/compose.yaml` are on this machine: hosts in network namespaces or on
 * loopback addresses (see network.ts), volumes in a temporary folder. Everything is mapped by text.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Mount, mountsOf, networksOf, type Service } from "./compose.ts";
import type { Site, TestNetwork } from "./network.ts";

/** `host:port` as a container dials or listens, by what it is here. */
type Endpoints = ReadonlyMap<string, string>;

export interface Places {
  readonly network: TestNetwork;
  readonly folder: string;
  /** Of the Compose file. */
  readonly from: string;
  readonly endpoints: Map<string, string>;
}

/** The zones' networks have their zones' names. */
export const siteOf = (service: Service, { zones, hub }: TestNetwork): Site =>
  networksOf(service)
    .map((name) => zones[name])
    .find((site) => site !== undefined) ?? hub;

/** Addresses inside of the zones' networks, as compose.yaml gives them out. */
const ZONES = { eu: "10.231.1.2", us: "10.231.2.2" } as const;

/** In namespaces every port is free; on loopback others may have it. */
export async function endpointsOf(network: TestNetwork): Promise<Map<string, string>> {
  const { hub, kind, zones } = network;
  const here = async (site: Site, port: number): Promise<string> =>
    `${site.address}:${kind === "namespaces" ? port : await site.freePort()}`;
  const [clients, leaves] = [await here(hub, 4222), await here(hub, 7422)];
  const endpoints = new Map<string, string>([
    ...["hub", "0.0.0.0", "127.0.0.1"].map((name) => [`${name}:4222`, clients] as const),
    ...["hub", "0.0.0.0"].map((name) => [`${name}:7422`, leaves] as const),
  ]);
  for (const [zone, address] of Object.entries(ZONES)) {
    const site = zones[zone];
    if (site !== undefined) endpoints.set(`${address}:4222`, await here(site, 4222));
  }
  // The target has a leg in each zone's network: in namespaces it is one process in each, at the same address.
  const target = kind === "namespaces" ? "127.0.0.1:8080" : await here(hub, 8080);
  for (const name of ["target", "0.0.0.0"]) endpoints.set(`${name}:8080`, target);
  return endpoints;
}

const SEPARATOR = /[:/]/;

/** Replaces every `host:port` and `/dev/tcp/host/port` that is known. */
export function withEndpoints(text: string, endpoints: Endpoints): string {
  return text.replaceAll(
    /([\w.-]+)([:/])(\d{4})\b/g,
    (whole, host: string, between: string, port: string) => {
      const here = endpoints.get(`${host}:${port}`);
      return here === undefined ? whole : here.replace(SEPARATOR, between);
    },
  );
}

/** What a container sees at its paths; files beside the Compose file are copied, with everything in them mapped, too. */
export function pathsOf(service: Service, places: Places): ReadonlyMap<string, string> {
  const mounts = mountsOf(service);
  const files = mounts.filter(({ source }) => source.startsWith("."));
  const volumes = mounts.filter(({ source }) => !source.startsWith("."));
  const paths = new Map(volumes.map((mount) => [mount.target, volumeOf(mount, places)]));
  return new Map([
    ...paths,
    ...files.map(({ source, target }) => [target, copyOf(source, places, paths)] as const),
  ]);
}

function volumeOf({ source, subpath }: Mount, { folder }: Places): string {
  const path = join(folder, "volumes", source, subpath);
  mkdirSync(path, { recursive: true });
  return path;
}

function copyOf(
  source: string,
  { endpoints, folder, from }: Places,
  paths: ReadonlyMap<string, string>,
): string {
  const copy = join(folder, "files", basename(source));
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(resolve(from, source), copy, { recursive: true });
  for (const file of filesIn(copy)) {
    writeFileSync(file, withPaths(withEndpoints(readFileSync(file, "utf8"), endpoints), paths));
  }
  return copy;
}

const filesIn = (path: string): readonly string[] =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : [path];

/** The longest path that fits is the one that is meant. */
export function withPaths(text: string, paths: ReadonlyMap<string, string>): string {
  const known = [...paths].toSorted(([a], [b]) => b.length - a.length);
  return known.reduce(
    (mapped, [path, here]) => mapped.replaceAll(new RegExp(`(?<![\\w.])${path}(?![\\w.-])`, "g"), here),
    text,
  );
}
