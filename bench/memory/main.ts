/**
 * Memory per VU that sleeps between requests: proportional set size of processes with all VUs, less that of one with a
 * single VU, after every VU has sent twice. Peers in the same run: bare undici, and k6 where it may be used. Where the
 * limit of open descriptors is too small for one process, the VUs are spread over several, and it is said.
 * Relies on Linux, taskset and two cores.
 *
 *     npm run bench:memory -- [--vus 2000,20000] [--only engine,undici,k6] [--fetch-k6]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../../src/keeper/home.ts";
import { descriptorLimit, kernelKiB, pssKiB } from "../proc.ts";
import { GENERATOR_CORE, TARGET_CORE } from "../versus/peer.ts";
import { prepareK6 } from "../versus/peers/k6.ts";
import { pinnedTo } from "../versus/pinned.ts";
import { median } from "../versus/table.ts";
import { startTarget, type Target } from "../versus/target.ts";
import {
  engineSleepers,
  k6Sleepers,
  SLEEP_S,
  type Sleepers,
  type StartSleepers,
  undiciSleepers,
} from "./sleepers.ts";

const { values } = parseArgs({
  options: {
    vus: { type: "string", default: "2000,20000" },
    only: { type: "string", default: "engine,undici,k6" },
    "fetch-k6": { type: "boolean", default: false },
  },
});
/** Descriptors that a process needs beside its connections. */
const SPARE_DESCRIPTORS = 500;
const LIMIT_KB = 60;
const SAMPLES = 5;
/** Each VU has sent twice by then, even on a machine that is far too slow. */
const BOUND_MS = 180_000;

const most = descriptorLimit() - SPARE_DESCRIPTORS;
const sizes = values.vus.split(",").map(Number);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort(new Error(name)));
const folder = mkdtempSync(join(tmpdir(), "mesh-m-"));

interface Held {
  readonly pssKiB: number;
  readonly kernelKiB: number;
  readonly processes: number;
  readonly parts: Readonly<Record<string, number>>;
}

const seen = { requests: 0, connections: 0 };

/** Resolves when so many connections are there and each VU has sent twice. */
async function settled(targets: readonly Target[], vus: number): Promise<void> {
  const until = performance.now() + BOUND_MS;
  Object.assign(seen, { requests: 0, connections: 0 });
  while (seen.connections < vus || seen.requests < 2 * vus) {
    if (performance.now() > until) throw new Error(`only ${seen.connections} of ${vus} VUs are connected`);
    await pause(500, undefined, { signal: stop.signal });
    for (const target of targets) {
      const { requests, connections } = await target.take();
      seen.requests += requests;
      seen.connections += connections;
    }
  }
}

async function hold(start: StartSleepers, vus: number): Promise<Held> {
  const processes = Math.ceil(vus / most);
  const targets = await Promise.all(Array.from({ length: Math.ceil(vus / most) }, () => startTarget()));
  const kernelBefore = kernelKiB();
  const held: Sleepers[] = [];
  try {
    for (let left = vus; held.length < processes;) {
      const part = Math.ceil(left / (processes - held.length));
      held.push(
        await start(
          part,
          targets.map(({ url }) => url),
        ),
      );
      left -= part;
    }
    await settled(targets, vus);
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      await pause((SLEEP_S * 1000) / SAMPLES, undefined, { signal: stop.signal });
      samples.push(held.reduce((sum, { pid }) => sum + pssKiB(pid), 0));
    }
    const kernel = kernelKiB() - kernelBefore;
    return { pssKiB: median(samples), kernelKiB: kernel, processes, parts: await sumOfParts(held) };
  } finally {
    await Promise.all(held.map((each) => each.stop()));
    await Promise.all(targets.map((target) => target.stop()));
  }
}

async function sumOfParts(held: readonly Sleepers[]): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { parts } of held) {
    for (const [name, kib] of Object.entries((await parts?.()) ?? {})) sums[name] = (sums[name] ?? 0) + kib;
  }
  return sums;
}

const shown = (value: number): string => value.toFixed(1).padStart(7);

async function measure(name: string, start: StartSleepers): Promise<void> {
  const one = await hold(start, 1);
  console.log(`${name}: ${(one.pssKiB / 1024).toFixed(0)} MiB with one VU`);
  for (const vus of sizes) {
    const all = await hold(start, vus);
    const perVu = (kib: number, base = 0) =>
      ((kib - base * all.processes) * 1024) / 1000 / (vus - all.processes);
    const kb = perVu(all.pssKiB, one.pssKiB);
    const spread = all.processes > 1 ? `, in ${all.processes} processes` : "";
    console.log(
      `${shown(kb)} KB per VU: ${name}, ${vus} VUs${spread}; ${(kb / LIMIT_KB).toFixed(2)} of the limit of ${LIMIT_KB} KB`,
    );
    const parts = Object.entries(all.parts).map(
      ([part, kib]) => [part, perVu(kib, one.parts[part])] as const,
    );
    for (const [part, partKb] of parts) console.log(`${shown(partKb)} KB   ${part}`);
    if (parts.length > 0)
      console.log(
        `${shown(kb - parts.reduce((sum, [, part]) => sum + part, 0))} KB   the rest: sockets' handles, malloc, code`,
      );
    console.log(
      `${shown(perVu(all.kernelKiB))} KB   of the kernel, not in the figure: both ends of a connection`,
    );
  }
}

/** What may be measured, by name; a line for what may not. */
async function available(): Promise<ReadonlyMap<string, StartSleepers>> {
  const found = new Map<string, StartSleepers>([
    ["engine", engineSleepers],
    ["undici", undiciSleepers],
  ]);
  if (!values.only.includes("k6")) return found;
  const k6 = await prepareK6({
    folder,
    shelf: join(cacheDirectory(), "peers"),
    fetchK6: values["fetch-k6"],
    say: console.error,
    pinned: pinnedTo(GENERATOR_CORE, stop.signal),
    anywhere: pinnedTo(undefined, stop.signal),
  }).catch((error: Error) => ({ unavailable: error.message }));
  if ("program" in k6) found.set("k6", k6Sleepers(k6.program, folder));
  else console.log(`k6 is not measured: ${k6.unavailable}. Design section 14 has 220 KB for it.`);
  return found;
}

execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)], { stdio: "ignore" });
if (sizes.some((vus) => vus > most))
  console.log(
    `A process may have ${descriptorLimit()} descriptors (ulimit -n): more than ${most} VUs are spread over several.`,
  );
try {
  const found = await available();
  for (const name of values.only.split(",")) {
    const start = found.get(name);
    if (start !== undefined) await measure(name, start);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
