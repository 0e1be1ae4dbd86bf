/**
 * What many zones cost: a hub with root and N private zones behind leaf links, each at a host of its own with a server,
 * a coordinator and agents that send ten series per window of one second; beside it the same with one zone. Agents are the
 * real role with a connection and credentials each, those of a zone in one process; their workers are synthetic (see
 * `macro/zone-agents-main.ts`). Prints CPU and memory of each role, and how long a window takes from its end at the
 * agents to its place in root's log, each beside the one zone as a ratio.
 *
 * Run: npm run bench:zones -- [zones] [agents of each] [seconds]
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { subjects } from "../../streams/subjects.ts";
import { decodeHead } from "../../src/domain/interval/codec.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { Stored } from "../../src/ports/server.ts";
import { requestRun } from "../../src/roles/door/ask.ts";
import { followRun } from "../../src/roles/door/follow-run.ts";
import { collectOutput } from "../../test/support/child-output.ts";
import { type LeafMesh, type LeafZone, startLeafMesh } from "../../test/support/leaf-mesh.ts";
import { requestOf } from "../../test/unit/plan/request.ts";
import { cpuSeconds, pssKiB } from "../proc.ts";

const [zoneCount = 20, agentsOfEach = 50, seconds = 300] = process.argv.slice(2).map(Number);
/** Long after the start, so that start-up is not measured. */
const SETTLING_S = 10;
const JOIN_WITHIN_MS = 120_000;

/** What one arrangement came to: percents of one core, MiB, ms. Of zones, their servers and agents: the sum. */
interface Figures {
  readonly rootCpu: number;
  readonly zonesCpu: number;
  readonly hubServerCpu: number;
  readonly zoneServersCpu: number;
  readonly agentsCpu: number;
  readonly rootMemory: number;
  readonly zonesMemory: number;
  readonly hubServerMemory: number;
  readonly zoneServersMemory: number;
  readonly p50: number;
  readonly p99: number;
  readonly windows: number;
  readonly verdict: string;
}

type Pids = Readonly<Record<"root" | "zones" | "hubServer" | "zoneServers" | "agents", readonly number[]>>;

/** The agents of a zone, at its host; ended with it. */
async function startAgents(zone: LeafZone) {
  const main = join(import.meta.dirname, "../macro/zone-agents-main.ts");
  const { folder, url } = zone.server;
  const local = [main, url, zone.name, "1", String(agentsOfEach), join(folder, "agents")];
  const [program, args] = zone.site.command(process.execPath, local);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const output = collectOutput(child.stdout, `agents of ${zone.name}`);
  const gone = once(child, "close");
  const until = performance.now() + JOIN_WITHIN_MS;
  while ((output.text().match(/joined zone/g)?.length ?? 0) < agentsOfEach) {
    if (performance.now() > until) throw new Error(`agents did not join:\n${output.text()}`);
    await pause(100);
  }
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

/** Percents of one core over a while. */
async function cpuOf(pids: Pids, forMs: number): Promise<Readonly<Record<keyof Pids, number>>> {
  const total = (each: readonly number[]) => each.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const totals = () => Object.entries(pids).map(([name, each]) => [name, total(each)] as const);
  const [before, began] = [new Map(totals()), performance.now()];
  await pause(forMs);
  const tookS = (performance.now() - began) / 1000;
  const spent = totals().map(([name, cpu]) => [name, ((cpu - (before.get(name) ?? 0)) / tookS) * 100]);
  return Object.fromEntries(spent) as Record<keyof Pids, number>;
}

const memoryOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + pssKiB(pid), 0) / 1024;

const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? 0;

async function measure(zones: readonly string[]): Promise<Figures> {
  const agents = Object.fromEntries(zones.map((zone) => [zone, agentsOfEach]));
  await using mesh = await startLeafMesh({ agents, startsAgents: false, proxied: false });
  const generators = [];
  try {
    for (const zone of Object.values(mesh.zones)) generators.push(await startAgents(zone));
    const all = Object.values(mesh.zones);
    const pids = {
      root: [mesh.root.pid],
      zones: all.map(({ coordinator }) => coordinator().pid),
      hubServer: [mesh.hub.pid()],
      zoneServers: all.map(({ server }) => server.pid()),
      agents: generators.map(({ pid }) => pid),
    };
    return await figuresOf(mesh, zones, pids);
  } finally {
    for (const { stop } of generators) await stop();
  }
}

/** One run: CPU from its settling to its end, memory at its end, and when root's intervals were stored. */
const figuresOf = (mesh: LeafMesh, zones: readonly string[], pids: Pids) =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const creds = (name: string) => join(mesh.hub.folder, "creds", `${name}.creds`);
        const open = (name: string) =>
          natsServer({ url: mesh.hub.tapUrl, credsFile: creds(name), name: `bench-${name}` });
        const [door, reader] = [yield* open("door"), yield* open("root")];
        const bundle = new TextEncoder().encode("export default () => {}");
        const vus = zones.length * agentsOfEach;
        const request = requestOf(
          { scenarios: { s: { executor: "constant-vus", vus, duration: `${seconds}s` } } },
          {
            zones: zones.map((zone) => ({ zone, weight: 1 })),
            agents: vus,
            embedded: false,
            bundle: createHash("sha256").update(bundle).digest("hex"),
          },
        );
        const run = `z-${Date.now().toString(36)}`;
        const environment = { env: {}, scenarios: {} };
        yield* requestRun(door, { run, request, bundle, sourceMap: "{}", environment, actor: "bench" });
        let measured = Promise.resolve<{ cpu?: Awaited<ReturnType<typeof cpuOf>>; memory?: number[] }>({});
        const view = yield* followRun(door, run, {
          onEvent: ({ type }) => {
            if (type !== "RunStarted") return;
            measured = pause(SETTLING_S * 1000).then(async () => {
              const cpu = await cpuOf(pids, (seconds - SETTLING_S - 2) * 1000);
              const { root, zones: coordinators, hubServer, zoneServers } = pids;
              return { cpu, memory: [root, coordinators, hubServer, zoneServers].map(memoryOf) };
            });
          },
        });
        const stored: Stored[] = [];
        yield* reader.log.scan({ asset: "runIntervals", zone: "" }, subjects.runInterval(run), (each) =>
          stored.push(each),
        );
        const { cpu, memory = [] } = yield* Effect.promise(() => measured);
        const startAt = view.state.startAt ?? 0;
        const delays = stored
          .map(({ at, data }) => ({ window: decodeHead(data).window, at }))
          .filter(({ window }) => window >= SETTLING_S)
          .map(({ window, at }) => (at - startAt) / 1000 - (window + 1) * 1000);
        return {
          rootCpu: cpu?.root ?? 0,
          zonesCpu: cpu?.zones ?? 0,
          hubServerCpu: cpu?.hubServer ?? 0,
          zoneServersCpu: cpu?.zoneServers ?? 0,
          agentsCpu: cpu?.agents ?? 0,
          rootMemory: memory[0] ?? 0,
          zonesMemory: memory[1] ?? 0,
          hubServerMemory: memory[2] ?? 0,
          zoneServersMemory: memory[3] ?? 0,
          p50: percentile(delays, 50),
          p99: percentile(delays, 99),
          windows: delays.length,
          verdict: view.state.verdict?.message ?? "no verdict",
        };
      }),
    ),
  );

const names = Array.from({ length: zoneCount }, (_, n) => `z${n + 1}`);
const [load = 0] = loadavg();
console.log(
  `${zoneCount} zones × ${agentsOfEach} agents for ${seconds} s beside one zone × ${agentsOfEach}; ` +
    `${cpus().length} cores, load average before ${load.toFixed(1)}`,
);
const rows: readonly (readonly [
  what: string,
  key: Exclude<keyof Figures, "verdict">,
  unit: string,
  perZone: boolean,
])[] = [
  ["root, CPU", "rootCpu", "%", false],
  ["one zone's coordinator, CPU", "zonesCpu", "%", true],
  ["hub's server, CPU", "hubServerCpu", "%", false],
  ["one zone's server, CPU", "zoneServersCpu", "%", true],
  ["one zone's agents in one process, CPU", "agentsCpu", "%", true],
  ["root, memory", "rootMemory", "MiB", false],
  ["one zone's coordinator, memory", "zonesMemory", "MiB", true],
  ["hub's server, memory", "hubServerMemory", "MiB", false],
  ["one zone's server, memory", "zoneServersMemory", "MiB", true],
  ["end of a window to root's log, p50", "p50", "ms", false],
  ["end of a window to root's log, p99", "p99", "ms", false],
  ["windows in root's log", "windows", "", false],
];
const print = (...cells: readonly string[]) =>
  console.log(cells.map((cell, n) => (n === 0 ? cell.padEnd(44) : cell.padStart(14))).join(""));
const cell = (value: number, unit: string) => `${value.toFixed(1)} ${unit}`.trim();

const one = await measure(names.slice(0, 1));
print("", "one zone");
for (const [what, key, unit] of rows) print(what, cell(one[key], unit));
console.log(`verdict: ${one.verdict}\n`);

const many = await measure(names);
print("", "one zone", `${zoneCount} zones`, "ratio");
for (const [what, key, unit, perZone] of rows) {
  const [a, b] = [one[key], many[key] / (perZone ? zoneCount : 1)];
  print(what, cell(a, unit), cell(b, unit), `${(b / a).toFixed(2)} ×`);
}
console.log(`verdict: ${many.verdict}`);
