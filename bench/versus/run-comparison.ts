/**
 * One comparison on one machine: peers are prepared, run in rotated order against one target on a core of its own, and
 * printed as a table. Relies on Linux, taskset and two cores. Which peers, and which of them is ours, is the caller's.
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
import { pinnedTo } from "./pinned.ts";
import { asJson, heading, type Line, markdown, ratePerSecond, type Round } from "./table.ts";
import { startTarget, type Target } from "./target.ts";

type CreatePeer = (place: Workplace) => Peer;

export interface Comparison {
  readonly args: readonly string[];
  /** By the names that `--only` takes; the table has their order. */
  readonly peers: Readonly<Record<string, CreatePeer>>;
  /** The peer that is ours: ratios are to it. */
  readonly ours: string;
}

const say = (line: string): void => console.error(line);

function readFlags({ args, peers }: Comparison) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "10" },
        only: { type: "string", default: Object.keys(peers).join(",") },
        "fetch-k6": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const only = values.only.split(",").map((name) => peerNamed(peers, name));
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

function peerNamed(peers: Comparison["peers"], text: string): CreatePeer {
  const found = peers[text.trim().toLowerCase()];
  if (found !== undefined) return found;
  throw new Error(`--only takes ${Object.keys(peers).join(", ")}, not ${text}`);
}

/** What a peer has so far; the lists grow round by round. */
interface Tally extends Line {
  readonly peer: Peer;
  readonly rounds: Round[];
  readonly failures: string[];
}

/** Aborted by Ctrl-C: everything that runs ends. */
const stop = new AbortController();

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
async function measure(tally: Tally, target: Target, seconds: number): Promise<void> {
  const { peer, name, rounds: done, failures } = tally;
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

async function compare(
  creators: readonly CreatePeer[],
  place: Workplace,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<readonly Line[]> {
  const lines = await prepare(creators.map((create) => create(place)));
  const present = lines.filter(({ version }) => typeof version === "string");
  execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)]); // out of the peers' way
  const target = await startTarget();
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < present.length; turn++) {
        const tally = present[(round + turn) % present.length];
        if (tally !== undefined) await measure(tally, target, seconds);
      }
    }
  } finally {
    await target.stop();
  }
  return lines;
}

/** Measures and prints; sets the exit code when it was stopped. */
export async function runComparison(comparison: Comparison): Promise<void> {
  const { rounds, seconds, only, fetchK6, json } = readFlags(comparison);
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
    const lines = await compare(only, place, { rounds, seconds });
    console.log(json ? asJson(lines) : `${head}\n\n${markdown(lines, comparison.ours)}`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    say(`stopped by ${(stop.signal.reason as Error).message}`);
    process.exitCode = 130;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
