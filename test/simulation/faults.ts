/**
 * Carries out what a seed's plan says goes wrong: at its instant, or when its event is published. Everything is mended
 * at the latest when the calm begins, and whoever is to come back has come back by then.
 */
import type { Outgoing } from "../../src/domain/log/codec.ts";
import type { Coverage } from "./coverage.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { Process } from "./kernel/process.ts";
import type { SeedPlan } from "./swarm.ts";
import { type Mesh, nameOf, type Node, type NodeKind } from "./mesh.ts";
import type { Connection } from "./net/connection.ts";
import type { Watcher } from "./net/host.ts";

/** First-hand events of the two logs, and intervals; copies on their way up are not meant. */
const FIRST_HAND =
  /^mesh\.(?:r\.run\.[^.]+\.(?:event\.|interval$)|z\.[^.]+\.(?:event|interval)\.|z\.[^.]+\.agent\.[^.]+\.interval\.)/;

/** What a fault has done is felt for so long after its end. */
const AFTERMATH_US = 12_000_000;
/** A stop passes two servers: milliseconds, if nothing is wrong; some tries of two seconds, if messages get lost. */
const QUIET_STOP_US = 150_000;
const ROUGH_STOP_US = 15_000_000;
const SLOW_US = 3_000_000;

export class Faults implements Watcher {
  #mesh: Mesh | undefined;
  readonly #plans: readonly FaultPlan[];
  readonly #coverage: Coverage;
  readonly #calmFromUs: number;
  readonly #counts = new Map<string, number>();
  readonly #done = new Set<FaultPlan>();
  /** While what struck lasts, and for a while after it. */
  readonly #troubled: { readonly fromUs: number; readonly toUs: number }[] = [];
  readonly #isRough: boolean;

  constructor({ calmFromUs, faults, rates }: SeedPlan, coverage: Coverage) {
    this.#plans = faults;
    this.#isRough = rates.requestLost + rates.answerLost + rates.hiccup > 0;
    this.#calmFromUs = calmFromUs;
    this.#coverage = coverage;
  }

  attend(mesh: Mesh): void {
    this.#mesh = mesh;
    for (const plan of this.#plans) {
      if ("atUs" in plan.when) mesh.kernel.at(plan.when.atUs, () => this.#strike(plan, undefined));
    }
    mesh.kernel.at(this.#calmFromUs, () => this.#calm(mesh));
  }

  before(by: Process, subject: string, { envelope }: Outgoing): boolean {
    if (!FIRST_HAND.test(subject)) return true;
    const { type } = envelope;
    const nth = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, nth);
    let arrives = true;
    for (const plan of this.#plans) {
      const { when } = plan;
      if ("atUs" in when || when.type !== type || when.nth !== nth || this.#done.has(plan)) continue;
      this.#coverage.last = type;
      this.#strike(plan, by);
      arrives &&= !when.isLost;
    }
    return arrives;
  }

  after(_by: Process, subject: string, { envelope }: Outgoing): void {
    if (FIRST_HAND.test(subject)) this.#coverage.last = envelope.type;
  }

  #strike(plan: FaultPlan, writer: Process | undefined): void {
    const mesh = this.#mesh;
    if (mesh === undefined || this.#done.has(plan) || mesh.kernel.nowUs + plan.lastsUs >= this.#calmFromUs)
      return;
    this.#done.add(plan);
    const victim = this.#carryOut(mesh, plan, writer);
    if (victim === undefined) return;
    this.#coverage.count(plan.kind);
    this.#note(mesh.kernel.nowUs, plan);
    mesh.kernel.note(
      "FAULT",
      `${plan.kind} ${victim}${plan.lastsUs > 0 ? ` for ${plan.lastsUs / 1e6} s` : ""}`,
    );
  }

  /** Who dies below the coordinators is in nobody's way. */
  #note(nowUs: number, { backAfterUs = 0, kind, lastsUs }: FaultPlan): void {
    if (kind === "kill-agent" || kind === "kill-worker") return;
    this.#troubled.push({ fromUs: nowUs, toUs: nowUs + lastsUs + backAfterUs + AFTERMATH_US });
  }

  /** In what time a stop reaches everybody: soon when nothing is wrong; while something is, at the latest some time after. */
  stopWithinUs(atUs: number): number {
    const isCalm = atUs > this.#calmFromUs + AFTERMATH_US;
    const around = this.#troubled.filter(({ fromUs, toUs }) => fromUs < atUs + QUIET_STOP_US && toUs > atUs);
    if (around.length === 0) return this.#isRough && !isCalm ? ROUGH_STOP_US : QUIET_STOP_US;
    return Math.max(...around.map(({ toUs }) => toUs)) - atUs + ROUGH_STOP_US;
  }

  /** Returns whom it struck; undefined when there was nobody to strike. */
  #carryOut(mesh: Mesh, plan: FaultPlan, writer: Process | undefined): string | undefined {
    switch (plan.kind) {
      case "kill-root":
      case "kill-zone":
      case "kill-agent":
        return this.#kill(mesh, plan, this.#node(mesh, plan, writer));
      case "stop-root":
      case "stop-zone":
      case "stop-agent":
        return this.#stop(mesh, plan, this.#node(mesh, plan, writer)?.process);
      case "kill-worker":
      case "stop-worker":
        return this.#worker(mesh, plan);
      case "second-zone":
      case "second-agent":
        return this.#second(mesh, plan);
      case "server-restart":
        return this.#restart(mesh, plan);
      case "lease-expiry":
        mesh.hub.hub.leases.clear();
        return "of the root";
      default:
        return this.#link(mesh, plan, writer);
    }
  }

  /** The node that is struck: who writes the event, or anyone of the kind. */
  #node(mesh: Mesh, plan: FaultPlan, writer: Process | undefined): Node | undefined {
    const kind = plan.kind.slice(plan.kind.indexOf("-") + 1) as NodeKind;
    const alive = mesh.nodes.filter((node) => node.kind === kind && node.process?.isAlive === true);
    const isWriter = alive.find(({ process }) => process === writer);
    return plan.strikesWriter && isWriter !== undefined ? isWriter : drawn(alive, plan.draw);
  }

  #kill(mesh: Mesh, plan: FaultPlan, node: Node | undefined): string | undefined {
    const { process } = node ?? {};
    if (node === undefined || process === undefined) return undefined;
    process.kill();
    if (plan.backAfterUs === undefined) return `${process.name} for good`;
    mesh.kernel.after(plan.backAfterUs, () => startAgain(mesh, node));
    return `${process.name}, back after ${plan.backAfterUs / 1e6} s`;
  }

  #stop(mesh: Mesh, plan: FaultPlan, process: Process | undefined): string | undefined {
    if (process === undefined || process.isStopped) return undefined;
    process.stop();
    mesh.kernel.after(plan.lastsUs, () => process.resume());
    return process.name;
  }

  #worker(mesh: Mesh, plan: FaultPlan): string | undefined {
    const workers = mesh.nodes
      .flatMap((node) => (node.process?.isAlive === true ? node.workers : []))
      .filter(({ process }) => process.isAlive);
    const worker = drawn(workers, plan.draw);
    if (worker === undefined) return undefined;
    if (plan.kind === "stop-worker") return this.#stop(mesh, plan, worker.process);
    worker.process.kill();
    return `${worker.process.name} (${worker.name})`;
  }

  /** Somebody starts the same node a second time, while the first one lives. */
  #second(mesh: Mesh, plan: FaultPlan): string | undefined {
    const kind = plan.kind === "second-zone" ? "zone" : "agent";
    const alive = mesh.nodes.filter((node) => node.kind === kind && node.process?.isAlive === true);
    const node = drawn(alive, plan.draw);
    if (node === undefined) return undefined;
    const first = node.process;
    mesh.start(node);
    // Where the second one was turned away, the first one is still what the node is.
    mesh.kernel.after(10_000_000, () => {
      if (node.process?.isAlive !== true && first?.isAlive === true) node.process = first;
    });
    return nameOf(node);
  }

  #restart(mesh: Mesh, plan: FaultPlan): string | undefined {
    const host = drawn(
      [...mesh.hosts.values()].filter(({ isUp }) => isUp),
      plan.draw,
    );
    host?.restart(plan.lastsUs);
    return host?.name;
  }

  #link(mesh: Mesh, plan: FaultPlan, writer: Process | undefined): string | undefined {
    const all = mesh.nodes.flatMap(({ connections, process }) =>
      process?.isAlive === true ? connections : [],
    );
    const own = all.filter(({ client }) => client === writer);
    const link = drawn(plan.strikesWriter && own.length > 0 ? own : all, plan.draw);
    if (link === undefined) return undefined;
    this.#breakLink(mesh, plan, link);
    return `${link.client.name} – ${link.host.name}`;
  }

  #breakLink(mesh: Mesh, plan: FaultPlan, link: Connection): void {
    if (plan.kind === "reset") return link.reset();
    if (plan.kind === "cut") link.cut();
    else if (plan.kind === "stall") link.stall(["up", "down"]);
    else if (plan.kind === "one-way") link.stall([(plan.draw * 1000) % 2 < 1 ? "up" : "down"]);
    else link.weather.slowUs = SLOW_US;
    const isLost = (plan.draw * 100) % 2 < 1;
    mesh.kernel.after(plan.lastsUs, () => {
      link.weather.slowUs = 0;
      link.mend(isLost);
    });
  }

  /** Everything works again from here on. */
  #calm(mesh: Mesh): void {
    mesh.kernel.note("FAULT", "none any more");
    const links = mesh.nodes.flatMap(({ connections }) => connections);
    for (const link of links) link.weather.isRough = false;
    for (const node of mesh.nodes) if (node.kind !== "agent") startAgain(mesh, node);
  }
}

function startAgain(mesh: Mesh, node: Node): void {
  if (node.process?.isAlive !== true) mesh.start(node);
}

const drawn = <T>(items: readonly T[], draw: number): T | undefined => items[Math.floor(draw * items.length)];
