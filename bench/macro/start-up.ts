/**
 * How long a person waits: `mesh --help`, and from `mesh run` to the first request at the target, with servers warm
 * (held by another command) and cold (started by this one). Prints medians beside the limits of design section 14.
 *
 *     npm run bench:start-up -- [rounds]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holdKeeper } from "../../src/keeper/keeper.ts";

const rounds = Number(process.argv[2] ?? 5);
const mesh = join(import.meta.dirname, "../../bin/mesh");
const home = mkdtempSync(join(tmpdir(), "mesh-b-"));
process.env["MESH_HOME"] = home;

let firstRequest: (() => void) | undefined;
const target = createServer((_, response) => {
  firstRequest?.();
  firstRequest = undefined;
  response.end("ok");
});
await new Promise<void>((done) => target.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
const script = join(home, "one.ts");
writeFileSync(
  script,
  `import { http } from "loadmesh";\nexport default async () => void (await http.get("${url}"));\n`,
);

/** Runs `mesh`; resolves with ms to the end, and to the first request. */
function run(args: readonly string[]): Promise<{ readonly endMs: number; readonly firstMs: number }> {
  return new Promise((resolve, reject) => {
    const since = performance.now();
    let firstMs = Number.NaN;
    firstRequest = () => (firstMs = performance.now() - since);
    const child = spawn(mesh, args, { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", () => resolve({ endMs: performance.now() - since, firstMs }));
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function repeat(args: readonly string[], pick: "endMs" | "firstMs"): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push((await run(args))[pick]);
  return median(times);
}

const rows: [what: string, ms: number, limitMs: number][] = [];
await run(["--help"]);
rows.push(["mesh --help", await repeat(["--help"], "endMs"), 150]);
rows.push(["first request, servers cold", await repeat(["run", script], "firstMs"), 5000]);
const keeper = await holdKeeper();
await run(["run", script]);
rows.push(["first request, servers warm", await repeat(["run", script], "firstMs"), 2000]);
await keeper.release();
target.close();
rmSync(home, { recursive: true, force: true });

for (const [what, ms, limitMs] of rows) {
  console.log(
    `${what.padEnd(30)} ${ms.toFixed(0).padStart(6)} ms   limit ${limitMs} ms   ratio ${(ms / limitMs).toFixed(2)}`,
  );
}
