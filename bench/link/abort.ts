/**
 * How soon a stop reaches a zone behind a leaf link: from root's decision, a breached threshold, to the last request that
 * the zone's own target counts. Two zones at hosts of their own, an agent each; the zone under test is a. All clocks are
 * this machine's.
 *
 *     npm run bench:link-abort -- [trials]
 */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { prepareScript } from "../../src/cli/run/script.ts";
import { requestRun } from "../../src/roles/door/ask.ts";
import { followRun } from "../../src/roles/door/follow-run.ts";
import { openServer } from "../../src/wiring.ts";
import { type LeafMesh, startLeafMesh } from "../../test/support/leaf-mesh.ts";
import { startZoneTargets, type ZoneTargets } from "../../test/support/zone-targets.ts";

const trials = Number(process.argv[2] ?? 100);
const RATE = 200;

/** Milliseconds from the recorded stop to the last request in zone a; undefined for a run that ended otherwise. */
async function trial(mesh: LeafMesh, targets: ZoneTargets, script: string): Promise<number | undefined> {
  const all = Object.values(targets.byZone);
  const target = targets.byZone["a"] ?? all[0];
  for (const each of all) await each.behave({ status: 200 });
  const zones = ["a", "b"].map((zone) => ({ zone, weight: 1 }));
  const prepared = await prepareScript({
    script,
    zones,
    agents: 2,
    env: {},
    labels: {},
    embedded: false,
    history: false,
  });
  const run = `t-${Date.now().toString(36)}`;
  let stopAt = 0;
  const view = await Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const credsFile = join(mesh.hub.folder, "creds/door.creds");
        const server = yield* openServer({ url: mesh.hub.tapUrl, credsFile, name: `door-${run}` });
        yield* requestRun(server, { ...prepared, run, actor: "bench" });
        return yield* followRun(server, run, {
          onEvent: ({ type }, { envelope }, { state }) => {
            const startMs = (state.startAt ?? 0) / 1000;
            const spoil = () => void Promise.all(all.map((each) => each.behave({ status: 500 })));
            if (type === "RunStarted") setTimeout(spoil, startMs - Date.now() + 1500 + Math.random() * 1000);
            if (type === "RunStopping") stopAt = envelope.time / 1000;
          },
        });
      }),
    ),
  );
  if (view.state.cause?.kind !== "threshold" || target === undefined) {
    console.error(`run ${run} ended otherwise and is left out: ${view.state.verdict?.message}`);
    return undefined;
  }
  return (await target.stats()).lastAt - stopAt;
}

await using mesh = await startLeafMesh({ agents: { a: 1, b: 1 }, proxied: false });
await using targets = await startZoneTargets(mesh.network);
const script = join(mesh.home.folder, "load.ts");
writeFileSync(
  script,
  `import { http } from "loadmesh";
   const executor = "constant-arrival-rate";
   export const options = {
     scenarios: { s: { executor, rate: ${RATE}, duration: "60s", preAllocatedVUs: 20 } },
     thresholds: { http_req_failed: [{ threshold: "rate==0", abortOnFail: true }] },
   };
   export default async () => void (await http.get("${targets.url}/"));`,
);
const load = loadavg()[0]?.toFixed(1);
const done: number[] = [];
for (let n = 0; n < trials; n++) {
  const ms = await trial(mesh, targets, script);
  if (ms === undefined) continue;
  done.push(ms);
  console.error(`run ${n + 1} of ${trials}: ${ms.toFixed(0)} ms`);
}
const percentile = (percent: number): string => {
  const sorted = done.toSorted((a, b) => a - b);
  return (sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0).toFixed(0);
};
const [p50, p90, p99, most] = [50, 90, 99, 100].map(percentile);
console.log(`${done.length} runs, ${RATE} requests/s over two zones, load average before ${load}`);
console.log(
  `recorded stop to the last request in zone a: p50 ${p50}, p90 ${p90}, p99 ${p99}, max ${most} ms`,
);
