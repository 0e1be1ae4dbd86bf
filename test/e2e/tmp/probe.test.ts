import { it, expect } from "vitest";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { startCountingTarget } from "/work/main/test/support/counting-target.ts";
import { createMeshHome, processesOf, withoutProcesses } from "/work/main/test/support/run-mesh.ts";
import { startSeparateMesh } from "/work/main/test/e2e/separate-mesh.ts";
import { script } from "/work/main/test/support/scripts.ts";
const short = (d: any) => JSON.stringify({ o: d.outcome, x: d.exitCode, c: d.cause, l: d.ledger, k: d.completeness, r: d.metrics?.http_reqs, e: d.error });
it("tolerates", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1", "a2"] });
  writeFileSync("/tmp/tol.ts", `import {http,sleep} from "loadmesh"; export const options={scenarios:{s:{executor:"shared-iterations",vus:4,iterations:200,maxDuration:"8s"}},onAgentLoss:{tolerate:50}}; export default async()=>{await http.get(__ENV.TARGET_URL+"/x");await sleep(0.05)}`);
  const run = mesh.home.start(["run", "/tmp/tol.ts", ...mesh.where, "--zones", "a", "--agents", "2", "--env", "TARGET_URL=" + target.url, "--json"]);
  await run.stderr.line(/^1s\//);
  mesh.agents.get("a2")!.signal("SIGKILL");
  const e = await run.exit(30000);
  console.log("TOLERATE", e.code, e.stderr, short(JSON.parse(e.stdout)), (await target.stats()).total);
});
it("agent term", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1", "a2"] });
  const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a", "--agents", "2", "--env", "TARGET_URL=" + target.url, "--json"]);
  await run.stderr.line(/^1s\//);
  mesh.agents.get("a2")!.signal("SIGTERM");
  const t=performance.now();
  const e = await run.exit(30000);
  console.log("TERM", performance.now()-t, e.code, e.stderr, short(JSON.parse(e.stdout)), (await target.stats()).total);
});
it("zone restart", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
  const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a,b", "--env", "TARGET_URL=" + target.url, "--env", "SECONDS=6", "--json"]);
  await run.stderr.line(/^1s\//);
  mesh.zones.get("a")!.signal("SIGKILL");
  await pause(1000);
  const z = mesh.home.start(["zone", "a", ...mesh.where]);
  const e = await run.exit(40000).catch((x) => { console.log("ZONE FAIL", x.message, z.stderr.text()); throw x; });
  console.log("ZONE", e.code, e.stderr, short(JSON.parse(e.stdout)), (await target.stats()).total, z.stderr.text());
});
it("nats restart", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
  const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a,b", "--env", "TARGET_URL=" + target.url, "--env", "SECONDS=6", "--json"]);
  await run.stderr.line(/^1s\//);
  await mesh.nats.restart();
  const e = await run.exit(40000).catch((x) => { console.log("NATS FAIL", x.message, mesh.roots[0]!.stderr.text(), [...mesh.zones.values()].map(z=>z.stderr.text())); throw x; });
  console.log("NATS", e.code, e.stderr, short(JSON.parse(e.stdout)), (await target.stats()).total, mesh.roots[0]!.stderr.text(),  [...mesh.zones.values()].map(z=>z.stderr.text()), [...mesh.agents.values()].map(z=>z.stderr.text()));
});
it("early ctrl-c", async () => {
  for (const ms of [300, 900, 1300, 1600, 2000]) {
  await using home = createMeshHome();
  const run = home.start(["run", script("steady"), "--env", "TARGET_URL=http://127.0.0.1:1"]);
  await pause(ms); run.signal("SIGINT");
  const t=performance.now();
  const e = await run.exit(30000);
  console.log("EARLY", ms, Math.round(performance.now()-t), e.code, e.stderr, (await withoutProcesses(home.folder, 10000)).length, Math.round(performance.now()-t));
  }
});
