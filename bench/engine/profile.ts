/**
 * Where the worker's time goes: a CPU profile of the engine under full load, after it has warmed up, as self time by part
 * of the program and by function. The sampler itself costs a few percent, so rates come from the unprofiled run.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Inspector, INSPECTOR_LINE } from "../inspector.ts";
import { TARGET_CORE } from "../versus/peer.ts";
import { startTarget } from "../versus/target.ts";
import { engineRig } from "./peers/engine.ts";
import { type CpuProfile, selfTimes } from "./self-times.ts";

const WARM_UP_S = 3;
const SAMPLING_US = 250;
const SHOWN_FUNCTIONS = 25;

/** @param args `--profile [file]` and `--seconds` */
export async function profileEngine(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { profile: { type: "boolean" }, seconds: { type: "string", default: "10" } },
    allowPositionals: true,
  });
  const seconds = Number(values.seconds);
  execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)], { stdio: "ignore" });
  const target = await startTarget();
  const rig = await engineRig(target.url, WARM_UP_S + seconds + 2);
  try {
    const inspector = await Inspector.open(
      rig.pid,
      rig.line(INSPECTOR_LINE).then(([, url = ""]) => url),
    );
    rig.start();
    await pause(WARM_UP_S * 1000);
    await target.take();
    await inspector.call("Profiler.enable");
    await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await inspector.call("Profiler.start");
    await pause(seconds * 1000);
    const { profile } = await inspector.call<{ profile: CpuProfile }>("Profiler.stop");
    const { requests, seconds: took } = await target.take();
    await inspector.close();
    await rig.ended;
    const [file] = positionals;
    if (file !== undefined) writeFileSync(file, JSON.stringify(profile));
    print(profile, requests, requests / took);
  } finally {
    await rig.kill();
    await target.stop();
  }
}

function print(profile: CpuProfile, requests: number, perSecond: number): void {
  const { parts, functions, totalUs } = selfTimes(profile);
  const line = (us: number, name: string) =>
    console.log(
      `${((us / totalUs) * 100).toFixed(1).padStart(6)} %  ${(us / requests).toFixed(2).padStart(6)} µs  ${name}`,
    );
  console.log(
    `Where the time goes: ${Math.round(perSecond)} requests/s while profiled; share, µs per request`,
  );
  for (const [name, us] of parts) line(us, name);
  console.log("\nBy function:");
  for (const [name, us] of functions.slice(0, SHOWN_FUNCTIONS)) line(us, name);
}
