/**
 * Several hosts on one machine: a hub and zones, each with an address of its own. Where the machine permits (Linux, root,
 * iproute2) each is a network namespace; a zone has a way to the hub, and the hub has no route to a zone. Elsewhere they
 * are addresses of the loopback network. Names carry the pid of the test, so that what a killed one left is found.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Link, listenOn, startLink } from "./link.ts";
import { startLinkAt } from "./remote-link.ts";

export interface Site {
  readonly name: string;
  /** Where its own programs listen; those of other sites reach only the hub's. */
  readonly address: string;
  /** The command line that runs a program there. The program keeps its pid. */
  readonly command: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
  /** `host:port` at which this process reaches a port of the site: the test's own side door. */
  readonly tap: (port: number) => Promise<string>;
  /** A port that is free there. */
  readonly freePort: () => Promise<number>;
}

export interface ZoneSite extends Site {
  /** `host:port` at which the zone reaches a port of the hub. */
  readonly hubAt: (port: number) => Promise<string>;
  /** The same through a link whose faults the test sets. */
  readonly linkTo: (port: number) => Promise<Link>;
  /** Nothing passes between hub and zone any more, and nobody is told. */
  readonly cut: () => Promise<void>;
  readonly heal: () => Promise<void>;
}

export interface TestNetwork extends AsyncDisposable {
  readonly kind: "namespaces" | "loopback";
  /** `host:port` that is another one in each zone; undefined where zones share one network. */
  readonly ownService: string | undefined;
  readonly hub: Site;
  readonly zones: Readonly<Record<string, ZoneSite>>;
}

const PREFIX = "mesh-t";
const HUB = "10.61.0.1";
/** An address that each namespace has for itself, so that one URL is a target of its own in every zone. */
const SERVICE = "10.80.0.1";
const SERVICE_PORT = 8080;

const ip = (...args: readonly string[]) => execFileSync("ip", args, { encoding: "utf8", stdio: "pipe" });

let made = 0;
const owned = new Set<string>();
process.on("exit", () => {
  for (const name of owned) removeNamespace(name);
});

function removeNamespace(name: string): void {
  owned.delete(name);
  try {
    ip("netns", "del", name);
  } catch {
    // gone already
  }
}

/** Removes namespaces of tests that have died. Their processes ended when the pipes to them closed. */
export function removeStaleNamespaces(): void {
  for (const [name, pid] of ip("netns", "list").matchAll(new RegExp(`^${PREFIX}(\\d+)-\\S+`, "gm"))) {
    if (!existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function addNamespace(name: string): void {
  ip("netns", "add", name);
  owned.add(name);
  ip("-n", name, "link", "set", "lo", "up");
}

/** Why this machine has no namespaces for tests; undefined when it has. */
function whyNoNamespaces(): string | undefined {
  if (process.env["MESH_TEST_NETWORK"] === "loopback") return "MESH_TEST_NETWORK says so";
  if (process.platform !== "linux") return `this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  const probe = `${PREFIX}${process.pid}-probe`;
  try {
    removeStaleNamespaces();
    addNamespace(probe);
    addNamespace(`${probe}2`);
    ip("-n", probe, "link", "add", "to-1", "type", "veth", "peer", "name", "to-hub", "netns", `${probe}2`);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1);
  } finally {
    removeNamespace(probe);
    removeNamespace(`${probe}2`);
  }
}

/** A hub and these zones. Says on stdout of which kind they are. */
export async function startNetwork(zones: readonly string[]): Promise<TestNetwork> {
  const why = whyNoNamespaces();
  const network = why === undefined ? inNamespaces(zones) : onLoopback(zones);
  const places = [network.hub, ...Object.values(network.zones)].map(
    ({ name, address }) => `${name} ${address}`,
  );
  const reason = why === undefined ? "" : ` (${why})`;
  process.stdout.write(`test network: ${network.kind}${reason}, ${places.join(", ")}\n`);
  return network;
}

/** What must be ended with a network, last things first. */
class Belongings {
  readonly #all: AsyncDisposable[] = [];

  keep<A extends AsyncDisposable>(one: A): A {
    this.#all.unshift(one);
    return one;
  }

  async dispose(): Promise<void> {
    for (const one of this.#all.splice(0)) await one[Symbol.asyncDispose]();
  }
}

function inNamespaces(zones: readonly string[]): TestNetwork {
  const belongings = new Belongings();
  const base = `${PREFIX}${process.pid}-${made++}-`;
  const hubSpace = `${base}hub`;
  addNamespace(hubSpace);
  ip("-n", hubSpace, "addr", "add", `${HUB}/32`, "dev", "lo");
  const site = (name: string, address: string): Site => ({
    name,
    address,
    command: (program, args) => ["ip", ["netns", "exec", `${base}${name}`, program, ...args]],
    tap: async (port) => {
      const listener = await listenOn("127.0.0.1");
      const to = { host: address, port };
      return belongings.keep(await startLinkAt(site(name, address), to, listener)).at;
    },
    freePort: () => freePort(site(name, address)),
  });
  const zoneSite = (name: string, n: number): ZoneSite => {
    const space = `${base}${name}`;
    const address = `10.71.${n}.1`;
    addNamespace(space);
    for (const own of [address, SERVICE]) ip("-n", space, "addr", "add", `${own}/32`, "dev", "lo");
    const [outer, hubEnd] = [`10.62.${n}.2`, `10.62.${n}.1`];
    ip("-n", hubSpace, "link", "add", `to-${n}`, "type", "veth", "peer", "name", "to-hub", "netns", space);
    ip("-n", hubSpace, "addr", "add", `${hubEnd}/30`, "dev", `to-${n}`);
    ip("-n", hubSpace, "link", "set", `to-${n}`, "up");
    ip("-n", space, "addr", "add", `${outer}/30`, "dev", "to-hub");
    ip("-n", space, "link", "set", "to-hub", "up");
    ip("-n", space, "route", "add", `${HUB}/32`, "via", hubEnd);
    // Even where somebody adds a route: what comes from the hub may not go further than the zone's outer address.
    ip("-n", space, "rule", "add", "pref", "5", "from", "all", "lookup", "local");
    ip("-n", space, "rule", "add", "pref", "1", "iif", "to-hub", "to", `${address}/32`, "blackhole");
    ip("-n", space, "rule", "del", "pref", "0");
    const own = site(name, address);
    const [hubAt, linkTo] = [
      (port: number) => Promise.resolve(`${HUB}:${port}`),
      async (port: number) => belongings.keep(await startLinkAt(own, { host: HUB, port }, address)),
    ];
    const turn = (state: "up" | "down") => () =>
      Promise.resolve(void ip("-n", hubSpace, "link", "set", `to-${n}`, state));
    return { ...own, hubAt, linkTo, cut: turn("down"), heal: turn("up") };
  };
  return {
    kind: "namespaces",
    ownService: `${SERVICE}:${SERVICE_PORT}`,
    hub: site("hub", HUB),
    zones: Object.fromEntries(zones.map((name, n) => [name, zoneSite(name, n + 1)])),
    [Symbol.asyncDispose]: async () => {
      await belongings.dispose();
      for (const name of ["hub", ...zones]) removeNamespace(`${base}${name}`);
    },
  };
}

/** In a namespace ports are taken by nobody but the test; a process there is asked all the same. */
async function freePort(site: Site): Promise<number> {
  await using link = await startLinkAt(site, { host: site.address, port: 1 }, site.address);
  return Number(link.at.split(":")[1]);
}

function onLoopback(zones: readonly string[]): TestNetwork {
  const belongings = new Belongings();
  const site = (name: string, address: string): Site => ({
    name,
    address,
    command: (program, args) => [program, args],
    tap: (port) => Promise.resolve(`${address}:${port}`),
    freePort: async () => {
      const { server, port } = await listenOn(address);
      await new Promise((resolve) => server.close(resolve));
      return port;
    },
  });
  const hub = site("hub", "127.0.0.1");
  const zoneSite = (name: string, n: number): ZoneSite => {
    const own = site(name, `127.0.0.${n}`);
    const ways: Link[] = [];
    const linkTo = async (port: number) => {
      const link = belongings.keep(await startLink(`${hub.address}:${port}`, own.address));
      ways.push(link);
      return link;
    };
    const setAll = async (hold: { readonly hold?: true }) => {
      for (const way of ways) await way.set(hold);
    };
    return {
      ...own,
      hubAt: async (port) => (await linkTo(port)).at,
      linkTo,
      cut: () => setAll({ hold: true }),
      heal: () => setAll({}),
    };
  };
  return {
    kind: "loopback",
    ownService: undefined,
    hub,
    zones: Object.fromEntries(zones.map((name, n) => [name, zoneSite(name, n + 2)])),
    [Symbol.asyncDispose]: () => belongings.dispose(),
  };
}
