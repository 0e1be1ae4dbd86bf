/**
 * `npm run test:sim`: all seeds, or those that are asked for. `--seed 42` replays one, `--seeds 1000` runs more,
 * `--trace` prints the whole trace of what failed, `--coverage` writes COVERAGE.md anew. Anything else goes to vitest.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** Flags of ours, as the environment that the tests read. */
const FLAGS: Readonly<Record<string, { readonly variable: string; readonly takesNumber: boolean }>> = {
  "--seed": { variable: "MESH_SIM_SEED", takesNumber: true },
  "--seeds": { variable: "MESH_SIM_SEEDS", takesNumber: true },
  "--trace": { variable: "MESH_SIM_TRACE", takesNumber: false },
  "--coverage": { variable: "MESH_SIM_COVERAGE", takesNumber: false },
};

function parse(given: readonly string[]) {
  const env: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < given.length; at += 1) {
    const [name = "", inline] = (given[at] ?? "").split("=");
    const flag = FLAGS[name];
    if (flag === undefined) rest.push(given[at] ?? "");
    else if (!flag.takesNumber) env[flag.variable] = "1";
    else env[flag.variable] = numberOf(name, inline ?? given[(at += 1)]);
  }
  return { env, rest };
}

function numberOf(name: string, text: string | undefined): string {
  if (/^\d+$/.test(text ?? "")) return text ?? "";
  process.stderr.write(`${name} takes a whole number, such as ${name} 42\n`);
  process.exit(2);
}

const { env, rest } = parse(process.argv.slice(2));
const files = Object.keys(env).length > 0 ? ["test/simulation/seeds.test.ts"] : [];
const child = spawn(process.execPath, [VITEST, "run", "--project", "simulation", ...files, ...rest], {
  cwd: ROOT,
  stdio: "inherit",
  env: { ...process.env, ...env },
});
child.on("close", (code) => process.exit(code ?? 1));
