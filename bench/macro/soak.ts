/**
 * Whether memory stays flat: a whole `mesh run` of ten million iterations, with the memory of each role (anonymous, proportional) sampled
 * every few seconds. After a warm-up of a tenth, the last third may be 5 % above the first. Relies on Linux, taskset, two cores.
 *
 *     npm run bench:soak -- [--iterations 10000000] [--every 5]
 */
import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { anonymousKiB } from "../proc.ts";
import { CONNECTIONS, TARGET_CORE } from "../versus/peer.ts";
import { median } from "../versus/table.ts";
import { startTarget } from "../versus/target.ts";
import { ROLES, type Role, type Roles, startMeshRun } from "./mesh-run.ts";

const { values } = parseArgs({
  options: {
    iterations: { type: "string", default: "10000000" },
    every: { type: "string", default: "5" },
  },
});
const iterations = Number(values.iterations);
const everyMs = Number(values.every) * 1000;
const WARM_UP = 0.1;
const LIMIT = 1.05;
const SPARKS = "▁▂▃▄▅▆▇█";
const SPARK_WIDTH = 40;

const scriptFor = (url: string): string => `import { check, http } from "loadmesh";
const load = { executor: "shared-iterations", vus: ${CONNECTIONS}, iterations: ${iterations}, maxDuration: "6h" };
export const options = { scenarios: { soak: load } };
export default async () => {
  const res = await http.get("${url}/", { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
};
`;

interface Sample {
  /** Iterations at that time, as the target counted requests. */
  readonly done: number;
  readonly mib: Readonly<Record<Role, number>>;
}

const mibOf = (roles: Roles): Record<Role, number> =>
  Object.fromEntries(
    ROLES.map((role) => [role, roles[role].reduce((sum, pid) => sum + anonymousKiB(pid), 0) / 1024]),
  ) as Record<Role, number>;

/** Means over equal stretches, from the least to the most. */
function sparkline(series: readonly number[]): string {
  const width = Math.min(SPARK_WIDTH, series.length);
  const means = Array.from({ length: width }, (_, n) => {
    const part = series.slice(
      Math.floor((n * series.length) / width),
      Math.floor(((n + 1) * series.length) / width),
    );
    return part.reduce((sum, each) => sum + each, 0) / part.length;
  });
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const height = (mean: number): number =>
    Math.round(((mean - least) / Math.max(most - least, 1e-9)) * (SPARKS.length - 1));
  return means.map((mean) => SPARKS[height(mean)] ?? "").join("");
}

function report(samples: readonly Sample[], tookS: number): void {
  const warm = samples.filter(({ done }) => done >= iterations * WARM_UP);
  const third = Math.floor(warm.length / 3);
  if (third === 0) throw new Error("too few samples: more --iterations, or a smaller --every");
  console.log(
    `${iterations.toLocaleString("en-US")} iterations in ${tookS.toFixed(0)} s (${Math.round(iterations / tookS)}/s), ` +
      `${warm.length} samples after the warm-up; MiB`,
  );
  console.log("role       first third  last third  ratio");
  for (const role of ROLES) {
    const series = warm.map(({ mib }) => mib[role]);
    const [first, last] = [median(series.slice(0, third)), median(series.slice(-third))];
    const ratio = last / first;
    console.log(
      `${role.padEnd(8)} ${first.toFixed(1).padStart(13)} ${last.toFixed(1).padStart(11)}  ${ratio.toFixed(3)} ` +
        `${ratio <= LIMIT ? "flat   " : "GROWING"} ${sparkline(series)} ${Math.min(...series).toFixed(0)}–${Math.max(...series).toFixed(0)}`,
    );
  }
}

execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)], { stdio: "ignore" });
const target = await startTarget();
const run = startMeshRun(scriptFor(target.url));
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => run.stop());
const samples: Sample[] = [];
try {
  const roles = await run.roles();
  const began = performance.now();
  let done = 0;
  while (done < iterations && !run.hasEnded()) {
    await pause(everyMs);
    done += (await target.take()).requests;
    if (done < iterations && !run.hasEnded()) samples.push({ done, mib: mibOf(roles) });
    if (process.stderr.isTTY) process.stderr.write(`\r${done} iterations`);
  }
  const tookS = (performance.now() - began) / 1000;
  report(samples, tookS);
  const { code, text } = await run.end;
  if (code !== 0) console.log(`mesh run ended with ${code}:\n${text}`);
} finally {
  await run.dispose();
  await target.stop();
}
