/**
 * Compares a whole `mesh run` with k6, autocannon, wrk and Locust: requests per second from one core at one target,
 * which has the other core. Peers that are not there are fetched into MESH_CACHE, k6 only when asked; one that cannot be
 * had is a line that says why. Relies on Linux, taskset and two cores. Prints a Markdown table with versions.
 *
 *     npm run bench:versus -- [--rounds 5] [--seconds 10] [--only mesh,k6] [--fetch-k6] [--json]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../../src/keeper/home.ts";
import { withPeakMemory } from "./memory.ts";
import {
  CONNECTIONS,
  GENERATOR_CORE,
  type Peer,
  TARGET_CORE,
  type Unavailable,
  type Workplace,
} from "./peer.ts";
import { autocannon } from "./peers/autocannon.ts";
import { k6 } from "./peers/k6.ts";
import { locust } from "./peers/locust.ts";
import { mesh } from "./peers/mesh.ts";
import { wrk } from "./peers/wrk.ts";
import { pinnedTo } from "./pinned.ts";
import { asJson, heading, type Line, markdown, ratePerSecond, type Round } from "./table.ts";
import { startTarget, type Target } from "./target.ts";

const CREATE = { mesh, k6, autocannon, wrk, locust };

const say = (line: string): void => console.error(line);
const { rounds, seconds, only, fetchK6, json } = readFlags();

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "10" },
        only: { type: "string", default: Object.keys(CREATE).join(",") },
        "fetch-k6": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const only = values.only.split(",").map(peerNamed);
    const [rounds, seconds] = [positive("rounds", values.rounds), positive("seconds", values.seconds)];
    return { rounds, seconds, only, fetchK6: values["fetch-k6"], json: values.json };
  } catch (error) {
    say((error as Error).message);
    process.exit(2);
  }
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${flag} takes a whole number above 0, not ${text}`);
}

function peerNamed(text: string): (place: Workplace) => Peer {
  const name = text.trim().toLowerCase();
  if (name in CREATE) return CREATE[name as keyof typeof CREATE];
  throw new Error(`--only takes ${Object.keys(CREATE).join(", ")}, not ${text}`);
}

/** What a peer has so far; the lists grow round by round. */
interface Tally extends Line {
  readonly peer: Peer;
  readonly rounds: Round[];
  readonly failures: string[];
}

async function prepare(peers: readonly Peer[]): Promise<readonly Tally[]> {
  const tallies: Tally[] = [];
  for (const peer of peers) {
    const version = await peer.prepare().catch(unavailable);
    say(`${peer.name}: ${typeof version === "string" ? version : version.unavailable}`);
    tallies.push({ peer, name: peer.name, work: peer.work, version, rounds: [], failures: [] });
  }
  return tallies;
}

/** Whatever keeps a peer from being had is its line in the table, unless we were told to stop. */
function unavailable(error: Error): Unavailable {
  stop.signal.throwIfAborted();
  return { unavailable: error.message };
}

/** One run of one peer. A peer that fails loses this round, not the others theirs. */
async function measure({ peer, name, rounds: done, failures }: Tally, target: Target): Promise<void> {
  await target.take();
  try {
    const { result: own, peakMiB } = await withPeakMemory(GENERATOR_CORE, () =>
      peer.run(target.url, seconds),
    );
    const round = { own, witness: await target.take(), peakMiB };
    done.push(round);
    say(`${name}: ${ratePerSecond(round).toFixed(0)}/s`);
  } catch (error) {
    stop.signal.throwIfAborted();
    failures.push((error as Error).message);
    say(`${name}: ${(error as Error).message}`);
  }
}

async function compare(place: Workplace): Promise<readonly Line[]> {
  const lines = await prepare(only.map((create) => create(place)));
  const present = lines.filter(({ version }) => typeof version === "string");
  execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)]); // out of the peers' way
  const target = await startTarget();
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < present.length; turn++) {
        const tally = present[(round + turn) % present.length];
        if (tally !== undefined) await measure(tally, target);
      }
    }
  } finally {
    await target.stop();
  }
  return lines;
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort(new Error(name)));
const folder = mkdtempSync(join(tmpdir(), "mesh-v-"));
const place: Workplace = {
  folder,
  shelf: join(cacheDirectory(), "peers"),
  fetchK6,
  say,
  pinned: pinnedTo(GENERATOR_CORE, stop.signal),
  anywhere: pinnedTo(undefined, stop.signal),
};
try {
  const head = heading(rounds, seconds, CONNECTIONS);
  const lines = await compare(place);
  console.log(json ? asJson(lines) : `${head}\n\n${markdown(lines)}`);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  say(`stopped by ${(stop.signal.reason as Error).message}`);
  process.exitCode = 130;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
