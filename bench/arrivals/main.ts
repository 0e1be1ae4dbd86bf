/**
 * Open model: arrivals at a constant rate from one core, by the clock of the target. Prints the share that came within
 * 1 ms of its instant, and drops, beside peers with an open model; then latency truth: reported percentiles against what
 * a target with known delays really took. Relies on Linux, taskset and two cores.
 *
 *     npm run bench:arrivals -- [--rate 5000] [--seconds 60] [--rounds 5] [--only engine,vegeta,k6] [--fetch-k6]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../../src/keeper/home.ts";
import { GENERATOR_CORE, TARGET_CORE, type Unavailable, type Workplace } from "../versus/peer.ts";
import { pinnedTo } from "../versus/pinned.ts";
import { median } from "../versus/table.ts";
import { HEADING, lagsBehindLine, line, punctuality } from "./arrivals.ts";
import { type ClockTarget, startClockTarget } from "./clock-target.ts";
import { engineArrivals, latencyTruth } from "./engine.ts";
import { k6Open, type OpenPeer, vegeta } from "./peers.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "5000" },
    seconds: { type: "string", default: "60" },
    rounds: { type: "string", default: "5" },
    vus: { type: "string", default: "500" },
    only: { type: "string", default: "engine,vegeta,k6" },
    "fetch-k6": { type: "boolean", default: false },
  },
});
const [rate, seconds, rounds, vus] = [values.rate, values.seconds, values.rounds, values.vus].map(Number) as [
  number,
  number,
  number,
  number,
];
const GOAL = 0.999;
const TRUTH_SECONDS = 10;
/** What the design measured for k6 on another day: no figure of this run. */
const K6_REFERENCE = "design section 14 has 4,905/s and 804 dropped in 10 s for k6 (1.8.1, 2026-11-22)";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort(new Error(name)));
const folder = mkdtempSync(join(tmpdir(), "mesh-a-"));
const place: Workplace = {
  folder,
  shelf: join(cacheDirectory(), "peers"),
  fetchK6: values["fetch-k6"],
  say: console.error,
  pinned: pinnedTo(GENERATOR_CORE, stop.signal),
  anywhere: pinnedTo(undefined, stop.signal),
};

async function engineRound(target: ClockTarget): Promise<number> {
  const found = await engineArrivals(target, rate, seconds, vus);
  const { atScript, warm, atTarget, instantsUs, planned, dropped, ownLagUsMax } = found;
  console.log(line(`engine: the script's first line, ${dropped} of ${planned} dropped`, atScript));
  console.log(line("engine: the same without the first second", warm));
  console.log(line("engine: at the target, against each slot's instant", atTarget));
  console.log(line("engine: at the target, behind the line", punctuality(lagsBehindLine(instantsUs, rate))));
  console.log(`${"".padStart(11)}the worker itself: worst lag ${(ownLagUsMax / 1000).toFixed(2)} ms`);
  return atScript.within;
}

async function peerRound(peer: OpenPeer, target: ClockTarget): Promise<void> {
  await target.take();
  const said = await peer.run(target.url, rate, seconds, vus);
  const { instantsUs } = await target.take();
  const lags = lagsBehindLine(instantsUs, rate);
  console.log(line(`${peer.version}: at the target, behind the line; ${said}`, punctuality(lags)));
}

async function peers(): Promise<readonly OpenPeer[]> {
  const wanted = { vegeta, k6: k6Open };
  const found: OpenPeer[] = [];
  for (const [name, create] of Object.entries(wanted)) {
    if (!values.only.split(",").includes(name)) continue;
    const peer = await create(place).catch((error: Error): Unavailable => ({ unavailable: error.message }));
    if ("run" in peer) found.push(peer);
    else
      console.log(`${name} is not measured: ${peer.unavailable}${name === "k6" ? `; ${K6_REFERENCE}` : ""}`);
  }
  return found;
}

execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)], { stdio: "ignore" });
const target = await startClockTarget();
try {
  const others = await peers();
  const shares: number[] = [];
  console.log(`${rate}/s for ${seconds} s on one core, ${vus} VUs, ${rounds} rounds\n${HEADING}`);
  for (let round = 0; round < rounds; round++) {
    if (values.only.includes("engine")) shares.push(await engineRound(target));
    for (const peer of others) await peerRound(peer, target);
  }
  if (shares.length > 0) {
    const share = median(shares);
    console.log(
      `Started within 1 ms of their instant: ${(share * 100).toFixed(3)} % (median), goal ${GOAL * 100} %, ` +
        `late ones ${((1 - share) / (1 - GOAL)).toFixed(2)} of what the goal allows`,
    );
    console.log(`\nLatency truth: 300/s for ${TRUTH_SECONDS} s, ms`);
    for (const { delayMs, percent, trueMs, reportedMs } of await latencyTruth(target, TRUTH_SECONDS)) {
      console.log(
        `/d/${String(delayMs).padEnd(4)} p${percent}  target ${trueMs.toFixed(2).padStart(7)}  ` +
          `reported ${reportedMs.toFixed(2).padStart(7)}  ${(reportedMs / trueMs).toFixed(3)} ×`,
      );
    }
  }
} finally {
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
}
