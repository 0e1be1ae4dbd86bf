/**
 * The simulated mesh: servers, machines and processes with the real roles in them. It can start each node and knows
 * which process it is now; what goes wrong with them is the faults' affair.
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import { Own, type Server, type ServerError, Upper } from "../../src/ports/server.ts";
import { Workers } from "../../src/ports/workers.ts";
import { agent } from "../../src/roles/agent/agent.ts";
import { root } from "../../src/roles/root/root.ts";
import { zone } from "../../src/roles/zone/zone.ts";
import type { Published, Violation } from "./auditor/evidence.ts";
import type { Coverage } from "./coverage.ts";
import type { FaultKind } from "./fault-plan.ts";
import { faultyServer } from "./faulty-server.ts";
import { Chance } from "./kernel/chance.ts";
import { Kernel } from "./kernel/kernel.ts";
import { type Machine, Process } from "./kernel/process.ts";
import { Target } from "./load/target.ts";
import { Connection } from "./net/connection.ts";
import { Host, type Watcher } from "./net/host.ts";
import { type Rates, Weather } from "./net/weather.ts";
import { SimWorker } from "./sim-workers.ts";

export interface Layout {
  readonly zones: readonly {
    readonly zone: string;
    /** The zone above; undefined where that is root. */
    readonly parent?: string;
    /** It has no server of its own, but is at that of the zone above. */
    readonly isGuest?: boolean;
    readonly agents: readonly { readonly agent: string; readonly cores: number }[];
  }[];
  readonly roots: readonly string[];
}

export interface MeshOptions {
  readonly seed: number;
  readonly layout: Layout;
  readonly rates: Rates;
  readonly calmFromUs: number;
  readonly watcher: Watcher;
  readonly coverage: Coverage;
}

/** What the coverage calls a piece of bad weather. */
const KIND_OF = {
  requestLost: "request-lost",
  answerLost: "answer-lost",
  liveDropped: "live-dropped",
  liveDoubled: "live-doubled",
  liveReordered: "live-reordered",
  hiccup: "hiccup",
} as const satisfies Record<keyof Rates, FaultKind>;

export type NodeKind = "root" | "zone" | "agent";

/** A role that runs, died, or will be started again. */
export interface Node {
  readonly kind: NodeKind;
  readonly name: string;
  readonly zone: string;
  readonly machine: Machine;
  readonly cores: number;
  starts: number;
  process: Process | undefined;
  workers: SimWorker[];
  connections: Connection[];
}

export class Mesh {
  readonly kernel = new Kernel();
  readonly target = new Target(this.kernel);
  readonly published: Published[] = [];
  /** What no role may do: die of a defect of ours. */
  readonly defects: Violation[] = [];
  readonly hub: Host;
  readonly hosts: Map<string, Host>;
  readonly nodes: readonly Node[];
  readonly #options: MeshOptions;
  readonly #chance: Chance;
  #pids = 0;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed, "machines");
    const { layout } = options;
    this.hub = this.#host("hub", 0);
    this.hosts = new Map([["hub", this.hub]]);
    for (const { isGuest, parent, zone } of layout.zones) {
      const host = isGuest === true ? this.hostOf(parent ?? "hub") : this.#host(zone, this.#offset());
      this.hosts.set(zone, host);
    }
    this.nodes = [
      ...layout.roots.map((name) => this.#node("root", name, "", 1)),
      ...layout.zones.flatMap(({ zone, agents }) => [
        this.#node("zone", zone, zone, 1),
        ...agents.map((each) => this.#node("agent", each.agent, zone, each.cores)),
      ]),
    ];
  }

  #offset(): number {
    return this.#chance.whole(-3_000_000, 3_000_000);
  }

  #machine(wallOffsetUs: number): Machine {
    return { wallOffsetUs, bootedUs: -this.#chance.whole(1_000_000, 1_000_000_000) };
  }

  #host(name: string, wallOffsetUs: number): Host {
    const process = new Process(this.kernel, `${name}-nats`, this.#machine(wallOffsetUs));
    return new Host(name, process, this.published, this.#options.watcher);
  }

  #node(kind: NodeKind, name: string, zone: string, cores: number): Node {
    const machine = this.#machine(this.#offset());
    return { kind, name, zone, machine, cores, starts: 0, process: undefined, workers: [], connections: [] };
  }

  /** A door: a process that asks, with its connection to the hub. */
  door(name: string): { readonly process: Process; readonly server: Server } {
    const process = new Process(this.kernel, name, this.#machine(this.#offset()));
    return { process, server: faultyServer(this.#connect(process, this.hub)) };
  }

  #connect(process: Process, host: Host): Connection {
    const { coverage, rates, seed } = this.#options;
    const chance = new Chance(seed, `weather of ${process.name} at ${host.name}`);
    const weather = new Weather(chance, rates, (what) => coverage.count(KIND_OF[what]));
    weather.isRough = this.kernel.nowUs < this.#options.calmFromUs;
    return new Connection(process, host, weather);
  }

  hostOf(zone: string): Host {
    const host = this.hosts.get(zone);
    if (host === undefined) throw new Error(`no server of zone ${zone}`);
    return host;
  }

  /** Starts a node's process, the first or the next one. */
  start(node: Node): void {
    node.starts += 1;
    const process = new Process(this.kernel, `${nameOf(node)}#${node.starts}`, node.machine);
    node.process = process;
    node.workers = [];
    process.note("starts");
    process.run(this.#program(node, process), (exit) => this.#ended(node, process, exit));
  }

  #ended(node: Node, process: Process, exit: Exit.Exit<unknown, ServerError>): void {
    if (exit._tag === "Success") return;
    const failure = Cause.findErrorOption(exit.cause);
    process.note(failure._tag === "Some" ? `ends: ${failure.value.message}` : "ends");
    if (failure._tag === "None" && !Cause.hasInterruptsOnly(exit.cause)) {
      this.defects.push({ law: "no defect", message: `${process.name}: ${Cause.pretty(exit.cause)}` });
    }
    // A coordinator that says that it was replaced, was.
    if (node.kind !== "agent" && node.starts === 1) {
      this.defects.push({ law: "no defect", message: `${process.name} ends although nobody replaced it` });
    }
    process.kill();
  }

  #program(node: Node, process: Process): Effect.Effect<never, ServerError> {
    const connections =
      node.kind === "root"
        ? [this.#connect(process, this.hub)]
        : [
            this.#connect(process, this.hostOf(node.zone)),
            ...(node.kind === "zone"
              ? [this.#connect(process, this.hostOf(this.#parentOf(node.zone) ?? "hub"))]
              : []),
          ];
    node.connections = connections;
    const [own, upper] = connections.map(faultyServer);
    if (own === undefined) throw new Error("a node has a server");
    const running =
      node.kind === "root"
        ? root({ name: process.name.replace("#", "-"), note: this.#noteOf(process) })
        : node.kind === "zone"
          ? this.#zone(node, process, upper ?? own)
          : this.#agent(node, process);
    return Effect.provideService(running, Own, own);
  }

  /** A role goes on without a message that it meets a fault with; here everybody is honest, so there is none. */
  #noteOf(process: Process) {
    return (line: string): void => {
      process.note(line);
      if (line.startsWith("passed over "))
        this.defects.push({ law: "no defect", message: `${process.name} ${line}` });
    };
  }

  #parentOf(name: string): string | undefined {
    return this.#options.layout.zones.find(({ zone }) => zone === name)?.parent;
  }

  #zone(node: Node, process: Process, upper: Server): Effect.Effect<never, ServerError, Own> {
    const options = {
      ...aboutOf(node),
      note: this.#noteOf(process),
      zone: node.zone,
      parent: this.#parentOf(node.zone),
      session: process.name,
    };
    return Effect.provideService(zone(options), Upper, upper);
  }

  #agent(node: Node, process: Process): Effect.Effect<never, ServerError, Own> {
    let sessions = 0;
    const { cores, name, zone } = node;
    const options = {
      ...aboutOf(node),
      note: this.#noteOf(process),
      zone,
      agent: name,
      cores,
      labels: {},
      newSession: () => `${process.name.replaceAll(/[^A-Za-z0-9]/g, "-")}-${sessions++}`,
    };
    const start = () => this.#worker(node, process);
    return Effect.provideService(agent(options), Workers, { start });
  }

  #worker(node: Node, process: Process): SimWorker {
    this.#pids += 1;
    const chance = new Chance(this.#options.seed, `worker ${process.name} ${node.workers.length}`);
    const worker = new SimWorker(process, this.#pids, this.target, chance);
    node.workers.push(worker);
    return worker;
  }
}

/** Agents of two zones may have one name. */
export const nameOf = ({ kind, name, zone }: Pick<Node, "kind" | "name" | "zone">): string =>
  kind === "agent" ? `${zone}/${name}` : name;

const aboutOf = (node: Node) => ({
  program: "mesh",
  host: nameOf(node).replace("/", "-"),
  pid: node.starts,
});
