/**
 * Where the servers of the mesh are, as far as this process knows: no script may reach them. Names are given with the
 * addresses that they have now; a server on this machine with all addresses of the machine.
 */
import { lookup } from "node:dns/promises";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { FACTS_FILE } from "../domain/folder-files.ts";
import { serversIn } from "../domain/server-url.ts";
import { inspectKeeper } from "../keeper/keeper.ts";
import type { ControlPlane } from "../roles/control-plane.ts";

/** What an address without a port means, by its scheme: of http also where ClickHouse itself listens. */
const PORTS: Readonly<Record<string, readonly string[]>> = {
  http: ["80", "8123"],
  https: ["443", "8443"],
  ws: ["80"],
  wss: ["443"],
};
/** For clients, and for leaf nodes. */
const NATS_PORTS = ["4222", "7422"];
/** A run waits for the answer. Servers that are found later count for the next one. */
const ANSWER_WITHIN_MS = 1000;

/**
 * Finds the NATS servers of a URL, what the folder here says of its servers, embedded servers, and the ClickHouse that is
 * named: for every run anew, since names, clusters and embedded servers change.
 */
export async function controlPlaneOf(
  natsUrl: string,
  note: (line: string) => void,
  folder = ".",
): Promise<ControlPlane> {
  const servers = serversIn(natsUrl);
  const hosts = servers.map((each) => bracketed(partsOf(each).host));
  const fixed = [...servers, ...(await listeningIn(folder, hosts, note))];
  const answers = new Answers();
  return async (members) => {
    const { MESH_CLICKHOUSE_URL: clickhouse = "" } = process.env;
    const embedded = await answers.soon("the keeper", embeddedServers);
    const urls = [...fixed, ...members, ...embedded, ...(clickhouse === "" ? [] : [clickhouse])];
    const all = await Promise.all([...new Set(urls)].map((url) => spellings(url, answers)));
    return [...new Set(all.flat())];
  };
}

/** Also where leaf nodes and the servers of a cluster dial: no server tells its clients of that. */
async function listeningIn(folder: string, hosts: readonly string[], note: (line: string) => void) {
  if (!existsSync(join(folder, FACTS_FILE))) return [];
  const [{ readFolder }, { listenersOf }] = await Promise.all([
    import("../trust/folder.ts"),
    import("../trust/server-files.ts"),
  ]);
  try {
    return listenersOf(readFolder(folder).facts, hosts);
  } catch (error) {
    note(`where leaf nodes dial is kept from no script: ${(error as Error).message}`);
    return [];
  }
}

const embeddedServers = async () => (await inspectKeeper())?.servers.map(({ url }) => url) ?? [];

/** What somebody says in time, else what it said last. */
class Answers {
  readonly #last = new Map<string, readonly string[]>();

  async soon(whose: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ANSWER_WITHIN_MS);
    const answered = ask().then(
      (answer) => void this.#last.set(whose, answer),
      () => undefined,
    );
    await Promise.race([answered, late.promise]);
    clearTimeout(timer);
    return this.#last.get(whose) ?? [];
  }
}

async function spellings(url: string, answers: Answers): Promise<readonly string[]> {
  const { host, port, scheme } = partsOf(url);
  if (host === "") return [];
  const ports = port === "" ? (PORTS[scheme] ?? NATS_PORTS) : [port];
  const addresses = await answers.soon(host, async () =>
    (await lookup(host, { all: true })).map(({ address }) => address),
  );
  const own = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => address),
  );
  const isHere = addresses.some((address) => own.includes(address));
  const all = [host, ...addresses, ...(isHere ? own : [])].map((each) => bracketed(each.split("%")[0] ?? ""));
  return all.flatMap((each) => ports.map((at) => `${each}:${at}`));
}

function partsOf(url: string) {
  const [, scheme = "nats", rest = ""] = /^(?:([a-z+-]+):\/\/)?(.*)$/is.exec(url) ?? [];
  // By a scheme that URL does not know: it hides the port of those that it knows.
  const { hostname = "", port = "" } = URL.parse(`nats://${rest}`) ?? {};
  return { scheme: scheme.toLowerCase(), host: hostname.replace(/^\[|\]$/g, ""), port };
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
