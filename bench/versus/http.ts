/**
 * Requests per second from one core: a whole `mesh run` (door, root, zone, agent, worker and NATS server, all pinned to
 * one core) against k6 on the same core and the same target, which has the other core. 50 VUs, keep-alive GET, one
 * check and one tag, all metrics on. Alternates the two, prints medians and the ratio.
 *
 *     K6_BIN=/path/to/k6 npm run bench:http -- [rounds] [seconds]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 10);
const k6 = process.env["K6_BIN"] ?? "k6";
const mesh = join(import.meta.dirname, "../../bin/mesh");
const home = mkdtempSync(join(tmpdir(), "mesh-v-"));
const GENERATOR_CORE = "0";
const TARGET_CORE = "1";

const load = `{ vus: 50, duration: "${seconds}s" }`;
const body = (get: string, url: string) =>
  `const res = ${get}("${url}/", { tags: { name: "root" } });\n  check(res, { "is 200": (r) => r.status === 200 });`;

async function startTarget(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const file = join(import.meta.dirname, "target.mjs");
  const child = spawn("taskset", ["-c", TARGET_CORE, process.execPath, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url, child };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("taskset", ["-c", GENERATOR_CORE, command, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env,
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-2000)));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}\n${errors}`)),
    );
  });
}

interface Figures {
  readonly rate: number;
  readonly p99Ms: number;
}

async function runMesh(url: string): Promise<Figures> {
  const script = join(home, "mesh.ts");
  const summary = join(home, "mesh.json");
  writeFileSync(
    script,
    `import { check, http } from "loadmesh";
export const options = { ...${load}, summaryTrendStats: ["p(99)"] };
export default async () => {
  ${body("await http.get", url)}
};
export const handleSummary = (data) => ({ "${summary}": JSON.stringify(data) });
`,
  );
  await run(mesh, ["run", script], { ...process.env, MESH_HOME: home });
  return figures(summary);
}

async function runK6(url: string): Promise<Figures> {
  const script = join(home, "k6.js");
  const summary = join(home, "k6.json");
  writeFileSync(
    script,
    `import http from "k6/http";
import { check } from "k6";
export const options = { ...${load}, summaryTrendStats: ["p(99)"] };
export default function () {
  ${body("http.get", url)}
}
export function handleSummary(data) { return { "${summary}": JSON.stringify(data) }; }
`,
  );
  await run(k6, ["run", "--quiet", "--no-usage-report", script], { ...process.env, GOMAXPROCS: "1" });
  return figures(summary);
}

function figures(file: string): Figures {
  const { metrics } = JSON.parse(readFileSync(file, "utf8")) as {
    metrics: Record<string, { values: Record<string, number> }>;
  };
  return {
    rate: metrics["http_reqs"]?.values["rate"] ?? Number.NaN,
    p99Ms: metrics["http_req_duration"]?.values["p(99)"] ?? Number.NaN,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const target = await startTarget();
const results = { mesh: [] as Figures[], k6: [] as Figures[] };
for (let round = 0; round < rounds; round++) {
  results.mesh.push(await runMesh(target.url));
  results.k6.push(await runK6(target.url));
}
target.child.stdin?.end();
rmSync(home, { recursive: true, force: true });

const version = execFileSync(k6, ["version"], { encoding: "utf8" }).trim().split("\n")[0];
const row = (name: string, list: readonly Figures[]) =>
  console.log(
    `${name.padEnd(34)} ${median(list.map(({ rate }) => rate))
      .toFixed(0)
      .padStart(
        7,
      )}/s   p99 ${median(list.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms   (${list.map(({ rate }) => rate.toFixed(0)).join(" ")})`,
  );
row("mesh run, everything on one core", results.mesh);
row(version ?? "k6", results.k6);
const ratio = median(results.mesh.map(({ rate }) => rate)) / median(results.k6.map(({ rate }) => rate));
console.log(`ratio ${ratio.toFixed(2)}`);
