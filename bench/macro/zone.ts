/**
 * What a zone costs: CPU of one zone coordinator, of root and of the server while many agents send ten series each per
 * window of one second, and how long a window takes from its end at the agents to its place in root's log. Agents are
 * the real role with connections of their own; their workers are synthetic. Prints, beside the zone's CPU, what an idle
 * zone with the same agents takes, and what hdr-histogram-js would need for decoding, adding and encoding alone.
 *
 * Run: npm run bench:zone -- [agents] [seconds]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { subjects } from "../../streams/subjects.ts";
import { decodeHead } from "../../src/domain/interval/codec.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { Stored } from "../../src/ports/server.ts";
import { requestRun } from "../../src/roles/door/ask.ts";
import { followRun } from "../../src/roles/door/follow-run.ts";
import { startNats } from "../../test/support/nats.ts";
import { requestOf } from "../../test/unit/plan/request.ts";

const agents = Number(process.argv[2] ?? 1000);
const seconds = Number(process.argv[3] ?? 20);
const ZONE = "bench";
/** hdr-histogram-js, one sparse histogram: decode 59 µs, add 14, encode 55 (measured, design section 5). */
const HDR_DECODE_ADD_US = 73;
const SERIES = 10;
const PER_PROCESS = 250;

const home = mkdtempSync(join(tmpdir(), "mesh-z-"));
const children: ChildProcess[] = [];

/** Starts a process; resolves with its pid when it has said `times` times that it is at work. */
function start(command: string, args: readonly string[], ready: RegExp, times = 1): Promise<number> {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, MESH_HOME: home },
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    let left = times;
    const hear = (text: string) => {
      left -= text.match(new RegExp(ready, "g"))?.length ?? 0;
      if (left <= 0) resolve(child.pid ?? -1);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("exit", (code) => reject(new Error(`${command} ${args.join(" ")} ended: ${code}`)));
  });
}

/** CPU seconds of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Percent of one core that each process takes for a while. */
async function usage(pids: Readonly<Record<string, number>>, forMs: number): Promise<Record<string, number>> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const);
  const began = performance.now();
  await pause(forMs);
  const tookS = (performance.now() - began) / 1000;
  return Object.fromEntries(
    before.map(([name, pid, cpu]) => [name, ((cpuSeconds(pid) - cpu) / tookS) * 100]),
  );
}

const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? 0;
const shown = (percents: Record<string, number>) =>
  Object.entries(percents)
    .map(([name, percent]) => `${name} ${percent.toFixed(1)} %`)
    .join(", ");

const nats = await startNats();
try {
  const mesh = join(import.meta.dirname, "../../bin/mesh");
  const agentsMain = join(import.meta.dirname, "zone-agents-main.ts");
  const root = await start(mesh, ["root", "--nats", nats.url], /leading, epoch/);
  const zone = await start(mesh, ["zone", ZONE, "--nats", nats.url], /incarnation 1/);
  const generators: number[] = [];
  for (let n = 0; n < agents; n += PER_PROCESS) {
    const count = Math.min(PER_PROCESS, agents - n);
    const args = [agentsMain, nats.url, ZONE, String(n), String(count)];
    generators.push(await start(process.execPath, args, /joined zone/, count));
  }
  const pids = {
    zone,
    root,
    server: nats.pid(),
    ...Object.fromEntries(generators.map((pid, n) => [`agents ${n + 1}`, pid])),
  };
  const idle = await usage(pids, 5000);
  const { busy, delays, verdict } = await measure(pids);
  const perThousand = ((busy["zone"] ?? 0) - (idle["zone"] ?? 0)) * (1000 / agents);
  const hdr = (1000 * SERIES * HDR_DECODE_ADD_US) / 1e4;
  console.log(
    `${agents} agents in one zone, ${SERIES} series each, windows of 1 s, ${seconds} s; ${verdict}`,
  );
  console.log(`idle, % of a core:  ${shown(idle)}`);
  console.log(`under load:         ${shown(busy)}`);
  console.log(
    `zone CPU for the intervals of 1,000 agents: ${perThousand.toFixed(1)} % of a core; decode and add with ` +
      `hdr-histogram-js alone: ${hdr.toFixed(0)} %, ${(hdr / perThousand).toFixed(1)} ×`,
  );
  console.log(
    `end of a window to its place in root's log: p50 ${percentile(delays, 50).toFixed(0)} ms, p99 ` +
      `${percentile(delays, 99).toFixed(0)} ms (${delays.length} windows)`,
  );
} finally {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    child.stdin?.end();
    await gone;
  }
  await nats.stop();
  rmSync(home, { recursive: true, force: true });
}

/** One run: CPU in its middle, and when root's intervals were stored. */
function measure(pids: Readonly<Record<string, number>>) {
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* natsServer({ url: nats.url, name: "bench" });
        const bundle = new TextEncoder().encode("export default () => {}");
        const request = requestOf(
          { scenarios: { s: { executor: "constant-vus", vus: agents, duration: `${seconds}s` } } },
          {
            zones: [{ zone: ZONE, weight: 1 }],
            agents,
            embedded: false,
            bundle: createHash("sha256").update(bundle).digest("hex"),
          },
        );
        const run = `z-${Date.now().toString(36)}`;
        const environment = { env: {}, scenarios: {} };
        yield* requestRun(server, { run, request, bundle, sourceMap: "{}", environment, actor: "bench" });
        let busy: Promise<Record<string, number>> = Promise.resolve({});
        const view = yield* followRun(server, run, {
          onEvent: (event) => {
            if (event.type === "RunStarted") busy = pause(4000).then(() => usage(pids, (seconds - 6) * 1000));
          },
        });
        const stored: Stored[] = [];
        const where = { asset: "runIntervals", zone: "" } as const;
        yield* server.log.scan(where, subjects.runInterval(run), (each) => stored.push(each));
        const startAt = view.state.startAt ?? 0;
        return {
          busy: yield* Effect.promise(() => busy),
          delays: stored.map(({ at, data }) => (at - startAt) / 1000 - (decodeHead(data).window + 1) * 1000),
          verdict: view.state.verdict?.message ?? "no verdict",
        };
      }),
    ),
  );
}
