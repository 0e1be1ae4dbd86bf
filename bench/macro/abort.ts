/**
 * How soon a breach of a threshold with `abortOnFail` ends the load: from the first bad sample to the last request that
 * reaches the target, over many runs with 20 agents in two zones. Prints percentiles beside the bound of design section
 * 14: window + lateness + 300 ms.
 *
 *     npm run bench:abort -- [trials]
 *
 * Root and both zones are processes of their own, ten agents share a process (each is the real role with its own
 * connection), and each agent has a real worker process: everything but the network is as in a mesh.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import * as Effect from "effect/Effect";
import { prepareScript } from "../../src/cli/run/script.ts";
import { holdKeeper, inspectKeeper } from "../../src/keeper/keeper.ts";
import { requestRun } from "../../src/roles/door/ask.ts";
import { followRun } from "../../src/roles/door/follow-run.ts";
import { openServer } from "../../src/wiring.ts";

const trials = Number(process.argv[2] ?? 100);
const ZONES = ["a", "b"];
const AGENTS_PER_ZONE = 10;
const RATE = 400;
/** What k6's grammar cannot say shorter: the first bad sample crosses it. */
const THRESHOLD = "rate==0";

const home = mkdtempSync(join(tmpdir(), "mesh-b-"));
process.env["MESH_HOME"] = home;

/** The target: good until it is told otherwise. Instants in ms since the epoch. */
const seen = { status: 200, firstBad: 0, last: 0 };
const target = createServer((_, response) => {
  seen.last = Date.now();
  response.statusCode = seen.status;
  response.end("ok", () => {
    if (response.statusCode !== 200 && seen.firstBad === 0) seen.firstBad = Date.now();
  });
});
target.keepAliveTimeout = 60_000;
await new Promise<void>((done) => target.listen(0, "127.0.0.1", done));
const { port } = target.address() as AddressInfo;

const script = join(home, "load.ts");
writeFileSync(
  script,
  `import { http } from "loadmesh";
   const executor = "constant-arrival-rate";
   export const options = {
     scenarios: { s: { executor, rate: ${RATE}, duration: "60s", preAllocatedVUs: 100 } },
     thresholds: { http_req_failed: [{ threshold: "${THRESHOLD}", abortOnFail: true }] },
   };
   export default async () => void (await http.get("http://127.0.0.1:${port}/"));`,
);

/** Ctrl-C ends it after the present run, with what there is. */
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (stopped = true));

const children: ChildProcess[] = [];

/** Starts a process; resolves when it has said so often that it is at work. */
function start(command: string, args: readonly string[], ready: RegExp, times = 1): Promise<void> {
  // Ctrl-C is for this program alone: it ends what it started.
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  children.push(child);
  return new Promise((resolve, reject) => {
    let left = times;
    const hear = (text: string) => {
      left -= text.match(new RegExp(ready, "g"))?.length ?? 0;
      if (left <= 0) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    setTimeout(() => reject(new Error(`${args.join(" ")} is not up after 30 s`)), 30_000).unref();
    child.once("exit", (code) => reject(new Error(`${command} ${args.join(" ")} ended: ${code}`)));
  });
}

interface Trial {
  /** First bad sample → end of the window that shows it → the stop is decided → last request. */
  readonly toWindow: number;
  readonly toStop: number;
  readonly toLast: number;
  readonly whole: number;
}

async function trial(
  n: number,
  where: { readonly url: string; readonly credsFile: string },
): Promise<Trial | undefined> {
  Object.assign(seen, { status: 200, firstBad: 0, last: 0 });
  const zones = ZONES.map((zone) => ({ zone, weight: 1 }));
  const agents = ZONES.length * AGENTS_PER_ZONE;
  const prepared = await prepareScript({
    script,
    zones,
    agents,
    env: {},
    labels: {},
    embedded: false,
    history: false,
  });
  const run = `b-${n}-${Date.now().toString(36)}`;
  let [stopAt, windowEnd] = [0, 0];
  const view = await Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* openServer({ ...where, name: `door-${run}` });
        yield* requestRun(server, { ...prepared, run, actor: "bench" });
        return yield* followRun(server, run, {
          onEvent: (event, { envelope }, { state }) => {
            const startMs = (state.startAt ?? 0) / 1000;
            // At any instant of a window, when twenty workers that share a machine have warmed up.
            if (event.type === "RunStarted")
              setTimeout(() => (seen.status = 500), startMs - Date.now() + 3500 + Math.random() * 1000);
            if (event.type !== "RunStopping") return;
            stopAt = envelope.time / 1000;
            windowEnd = startMs + ((event.evidence?.window ?? 0) + 1) * (state.plan?.windowMs ?? 0);
          },
        });
      }),
    ),
  );
  if (view.state.cause?.kind !== "threshold") {
    console.error(`run ${run} ended otherwise and is left out: ${view.state.verdict?.message}`);
    return undefined;
  }
  const { firstBad, last } = seen;
  return {
    toWindow: windowEnd - firstBad,
    toStop: stopAt - windowEnd,
    toLast: last - stopAt,
    whole: last - firstBad,
  };
}

const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? 0;

const keeper = await holdKeeper();
try {
  const status = await inspectKeeper();
  const url = status?.servers.find(({ name }) => name === "nats-server")?.url ?? "";
  const credsFile = status?.nkeyFile ?? "";
  const where = { url, credsFile };
  const flags = ["--nats", url, "--creds", credsFile];
  const mesh = join(import.meta.dirname, "../../bin/mesh");
  const agentsMain = join(import.meta.dirname, "abort-agents-main.ts");
  await start(mesh, ["root", ...flags], /leading, epoch/);
  await Promise.all(ZONES.map((zone) => start(mesh, ["zone", zone, ...flags], /incarnation 1/)));
  const args = (zone: string) => [agentsMain, url, credsFile, zone, String(AGENTS_PER_ZONE)];
  await Promise.all(ZONES.map((zone) => start(process.execPath, args(zone), /joined zone/, AGENTS_PER_ZONE)));
  const done: Trial[] = [];
  for (let n = 0; n < trials && !stopped; n++) {
    const one = await trial(n, where);
    if (one === undefined) continue;
    done.push(one);
    console.error(`run ${n + 1} of ${trials}: ${one.whole.toFixed(0)} ms`);
  }
  report(done);
} finally {
  for (const child of children) {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    child.stdin?.end();
    await gone;
  }
  await keeper.release();
  target.closeAllConnections();
  target.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

function report(done: readonly Trial[]): void {
  const boundMs = 200 + 500 + 300;
  console.log(
    `${done.length} runs, ${ZONES.length * AGENTS_PER_ZONE} agents in ${ZONES.length} zones, ${RATE} requests/s; ms`,
  );
  const row = (what: string, key: keyof Trial, beside = "") => {
    const values = done.map((each) => each[key]);
    const cells = [50, 90, 99, 100].map((percent) => percentile(values, percent).toFixed(0).padStart(6));
    console.log(`${what.padEnd(44)}${cells.join("")}${beside}`);
  };
  console.log(`${"".padEnd(44)}${["p50", "p90", "p99", "max"].map((name) => name.padStart(6)).join("")}`);
  row("first bad sample to the end of its window", "toWindow");
  row("  from there to the recorded stop", "toStop");
  row("  from there to the last request", "toLast");
  row("first bad sample to the last request", "whole", `   bound ${boundMs} (window + lateness + 300)`);
  const ratio =
    percentile(
      done.map(({ whole }) => whole),
      99,
    ) / boundMs;
  console.log(`p99 is ${ratio.toFixed(2)} of the bound`);
}
