/**
 * A mesh over leaf links on several hosts: a hub with root, and private zones with servers of their own that dial it, as
 * `mesh hub init` and `mesh zone init` make them, each at its own site of a test network. Everything is the product: the
 * servers are `mesh server`, the roles `mesh root`, `mesh zone` and `mesh agent`.
 */
import { join } from "node:path";
import type { Link } from "./link.ts";
import { type Site, startNetwork, type TestNetwork, type ZoneSite } from "./network.ts";
import { replayDifferences } from "./replay-runs.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "./run-mesh.ts";

/** A machine that also runs other tests takes its time. */
const UP_WITHIN_MS = 60_000;

/** A server of the mesh, held by `mesh server`. */
export interface LeafServer {
  readonly folder: string;
  /** As programs at its site reach it, and as this process does. */
  readonly url: string;
  readonly tapUrl: string;
  /** Pid of the nats-server. */
  readonly pid: () => number;
  /** Sends the nats-server a signal. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Kills it, and its holder with it. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export interface LeafZone {
  readonly name: string;
  readonly site: ZoneSite;
  readonly server: LeafServer;
  /** Between its server and the hub's; its faults are set here. */
  readonly link: Link;
  readonly coordinator: () => MeshProcess;
  readonly agents: Map<string, MeshProcess>;
  /** Starts its coordinator (again). */
  readonly startCoordinator: () => Promise<void>;
}

export interface LeafMesh extends AsyncDisposable {
  readonly network: TestNetwork;
  readonly home: MeshHome;
  readonly hub: LeafServer;
  readonly root: MeshProcess;
  readonly zones: Readonly<Record<string, LeafZone>>;
  /** Runs a command at the hub, with the credentials of a door. */
  readonly start: (args: readonly string[]) => MeshProcess;
  /** A further zone, which joins now. */
  readonly join: (zone: string) => Promise<LeafZone>;
}

export interface LeafMeshOptions {
  /** Agents of each zone; those named `later` have hosts, and join when they are told. */
  readonly agents: Readonly<Record<string, number>>;
  readonly later?: Readonly<Record<string, number>>;
  /** Where a zone keeps its folder, when that matters. */
  readonly folderOf?: ((zone: string) => string | undefined) | undefined;
  /** False where somebody else starts the agents; their credentials are made all the same. */
  readonly startsAgents?: boolean;
  /** False where no fault is wanted on a link: then its zone dials the hub itself. */
  readonly proxied?: boolean;
}

/** Starts it; everything has joined when this resolves. */
export async function startLeafMesh(options: LeafMeshOptions): Promise<LeafMesh> {
  const { agents, later = {}, folderOf, startsAgents = true, proxied = true } = options;
  const counts = { ...agents, ...later };
  const network = await startNetwork(Object.keys(counts));
  const home = createMeshHome();
  const zones: Record<string, LeafZone> = {};
  const dispose = async () => {
    try {
      await home.dispose();
    } finally {
      await network[Symbol.asyncDispose]();
    }
  };
  try {
    const making = new Making(home, network, proxied);
    const hub = await making.hub();
    const root = making.role(["root"], hub.folder, network.hub);
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    const add = async (zone: string) => {
      const made = await making.zone(zone, counts[zone] ?? 1, folderOf?.(zone));
      zones[zone] = made;
      const agentsUp = startsAgents ? making.startAgents(made, counts[zone] ?? 1) : undefined;
      await Promise.all([made.startCoordinator(), agentsUp]);
      return made;
    };
    await Promise.all(Object.keys(agents).map(add));
    return {
      network,
      home,
      hub,
      root,
      zones,
      start: (args) => home.start(args, { cwd: hub.folder, site: network.hub }),
      join: add,
      [Symbol.asyncDispose]: async () => {
        try {
          const differences = await replayDifferences(hub.tapUrl, join(hub.folder, "creds/root.creds"));
          if (differences.length > 0) throw new Error(`a replay differs:\n${differences.join("\n")}`);
        } finally {
          await dispose();
        }
      },
    };
  } catch (error) {
    const words = home.words();
    await dispose();
    throw new Error(`the mesh did not start:\n${words}`, { cause: error });
  }
}

/** Makes and starts the parts, one after the other. */
class Making {
  readonly home: MeshHome;
  readonly network: TestNetwork;
  readonly #proxied: boolean;
  #leafPort = 0;
  /** Commands that change the hub's folder run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #hubFolder = "";

  constructor(home: MeshHome, network: TestNetwork, proxied: boolean) {
    this.home = home;
    this.network = network;
    this.#proxied = proxied;
  }

  /** A role, in a folder that says where everything is. */
  role(args: readonly string[], folder: string, site: Site): MeshProcess {
    return this.home.start(args, { cwd: folder, site, held: true });
  }

  async #made(args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.home.run(args, { boundMs: UP_WITHIN_MS });
    if (code !== 0) throw new Error(`mesh ${args.join(" ")} ended with ${code}:\n${stderr}`);
  }

  async hub(): Promise<LeafServer> {
    const { hub } = this.network;
    this.#leafPort = await hub.freePort();
    this.#hubFolder = join(this.home.folder, "hub");
    const listen = `${hub.address}:${await hub.freePort()}`;
    const leaf = `${hub.address}:${this.#leafPort}`;
    await this.#made(["hub", "init", this.#hubFolder, "--listen", listen, "--leaf", leaf]);
    return this.#server(this.#hubFolder, hub, listen);
  }

  async zone(name: string, agents: number, at: string | undefined): Promise<LeafZone> {
    const site = this.network.zones[name];
    if (site === undefined) throw new Error(`the network has no zone ${name}`);
    const folder = at ?? join(this.home.folder, `zone-${name}`);
    const link = this.#proxied ? await site.linkTo(this.#leafPort) : undefined;
    const parent = link?.at ?? (await site.hubAt(this.#leafPort));
    const listen = `${site.address}:${await site.freePort()}`;
    const where = ["--hub", this.#hubFolder, "--dir", folder, "--url", `nats://${parent}`];
    const init = ["zone", "init", name, ...where, "--listen", listen, "--agents", String(agents)];
    await (this.#turn = this.#turn.then(() => this.#made(init)));
    const server = await this.#server(folder, site, listen);
    let coordinator: MeshProcess | undefined;
    const startCoordinator = async () => {
      coordinator = this.role(["zone", name], folder, site);
      await coordinator.stderr.line(/incarnation \d+$/, UP_WITHIN_MS);
    };
    return {
      name,
      site,
      server,
      link: link ?? SOUND,
      coordinator: () => coordinator ?? never(),
      agents: new Map(),
      startCoordinator,
    };
  }

  async startAgents({ agents, name, server, site }: LeafZone, count: number): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const agent = `${name}-${n}`;
      const args = [
        "agent",
        "--zone",
        name,
        "--name",
        agent,
        "--cores",
        "1",
        "--creds",
        `agents/${agent}.creds`,
      ];
      agents.set(agent, this.role(args, server.folder, site));
    }
    await Promise.all([...agents.values()].map((agent) => agent.stderr.line(/joined zone/, UP_WITHIN_MS)));
  }

  async #server(folder: string, site: Site, listen: string): Promise<LeafServer> {
    let [pid, holder] = [0, undefined as MeshProcess | undefined];
    const start = async () => {
      holder = this.home.start(["server", folder], { site, held: true });
      const [, text] = await holder.stderr.line(/nats-server .*, pid (\d+)/, UP_WITHIN_MS);
      pid = Number(text);
    };
    await start();
    const tap = await site.tap(Number(listen.split(":")[1]));
    return {
      folder,
      url: `nats://${listen}`,
      tapUrl: `nats://${tap}`,
      pid: () => pid,
      signal: (name) => void process.kill(pid, name),
      kill: async () => {
        process.kill(pid, "SIGKILL");
        await holder?.exit();
      },
      start,
    };
  }
}

/** A link that nobody stands in the middle of. */
const SOUND: Link = {
  at: "",
  set: () => Promise.reject(new Error("this mesh was started without faulty links")),
  reset: () => Promise.reject(new Error("this mesh was started without faulty links")),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function never(): never {
  throw new Error("it was not started");
}
