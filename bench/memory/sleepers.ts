/**
 * Who sleeps between requests: our engine, bare undici and k6, each as processes that hold some of the VUs. All of them
 * wait before their first request, so that connections are made one by one, and then around the same time between two.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Rig, startRig } from "../engine/rig.ts";
import { Inspector, INSPECTOR_LINE } from "../inspector.ts";
import { GENERATOR_CORE } from "../versus/peer.ts";

/** One process with its VUs. */
export interface Sleepers {
  readonly pid: number;
  readonly stop: () => Promise<void>;
  /** Where its memory is, in KiB by part, as far as it can tell. */
  readonly parts?: () => Promise<Readonly<Record<string, number>>>;
}

export type StartSleepers = (vus: number, urls: readonly string[]) => Promise<Sleepers>;

/** Mean seconds between two requests of a VU. */
export const SLEEP_S = 10;

const BODY = `
  if (exec.vu.iterationInScenario === 0) await sleep(Math.random() * ${SLEEP_S});
  const res = await http.get(url, { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
  await sleep(${SLEEP_S} * (0.5 + Math.random()));`;

const SCRIPT = `import { check, exec, http, sleep } from "loadmesh";
const urls = __ENV.URLS.split(" ");
const url = urls[__VU % urls.length];
export default async () => {${BODY}
};`;

export const engineSleepers: StartSleepers = async (vus, urls) => {
  const options = { vus, duration: "1h" };
  const rig = await startRig({
    script: SCRIPT,
    options,
    core: GENERATOR_CORE,
    env: { URLS: urls.join(" ") },
  });
  rig.start();
  return { pid: rig.pid, stop: () => rig.kill(), parts: () => partsOf(rig) };
};

/** Asked of V8 after a full collection: what is left is held, not garbage. */
async function partsOf(rig: Rig): Promise<Readonly<Record<string, number>>> {
  const url = rig.line(INSPECTOR_LINE).then(([, found = ""]) => found);
  const inspector = await Inspector.open(rig.pid, url);
  const resident = await inspector.evaluate<number>(
    "process.getBuiltinModule('v8').getHeapSpaceStatistics().reduce((sum, each) => sum + each.physical_space_size, 0)",
  );
  await inspector.call("HeapProfiler.collectGarbage");
  const { heapUsed, external } = await inspector.evaluate<NodeJS.MemoryUsage>("process.memoryUsage()");
  await inspector.close();
  return {
    "JavaScript heap, held": heapUsed / 1024,
    "JavaScript heap, garbage and room": (resident - heapUsed) / 1024,
    "outside of the heap, known to V8": external / 1024,
  };
}

const started = async (child: ChildProcess): Promise<Sleepers> => {
  await once(child, "spawn");
  return {
    pid: child.pid ?? -1,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
};

const pinned = (program: string, args: readonly string[]): ChildProcess =>
  spawn("taskset", ["-c", String(GENERATOR_CORE), program, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });

export const undiciSleepers: StartSleepers = (vus, urls) =>
  started(pinned(process.execPath, [join(import.meta.dirname, "undici-main.ts"), String(vus), ...urls]));

export const k6Sleepers =
  (program: string, folder: string): StartSleepers =>
  (vus, urls) => {
    const file = join(folder, "sleepers.js");
    const body = BODY.replaceAll("await ", "").replace("exec.vu.iterationInScenario", "__ITER");
    writeFileSync(
      file,
      `import http from "k6/http";
import { check, sleep } from "k6";
export const options = { vus: ${vus}, duration: "1h" };
const urls = ${JSON.stringify(urls)};
const url = urls[__VU % urls.length];
export default function () {${body}
}`,
    );
    return started(pinned(program, ["run", "--quiet", file]));
  };
