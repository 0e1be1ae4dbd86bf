/**
 * Each class of error once, through the real command: what was wrong, where, what to do next, and the exit code. The whole
 * of it stands in `errors.golden.txt`, to be read as a person would; `UPDATE_ERRORS=1` writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PrivateNats, startNats } from "../support/nats.ts";
import { createMeshHome, type MeshExit, type MeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, type ScriptFolder } from "../support/scripts.ts";

const GOLDEN = join(import.meta.dirname, "errors.golden.txt");

/** Files of the folder in which every command below is run. */
const FILES: Readonly<Record<string, string>> = {
  "good.ts": `export default () => {};\n`,
  "syntax.ts": `export default () => {\n  const a = ;\n};\n`,
  "import.ts": `import { x } from "./nowhere.ts";\nexport default () => x();\n`,
  "names.ts": `import { htpp, chek } from "loadmesh";\nexport default () => chek(htpp);\n`,
  "package.ts": `import _ from "lodahs";\nexport default () => _();\n`,
  "options.ts": `export const options = { vus: 0, duration: "soon", thresholds: { http_reqs: ["p(95)<1"] } };\nexport default () => {};\n`,
  "metric.ts": `export const options = { thresholds: { http_req_duratoin: ["p(95)<1"] } };\nexport default () => {};\n`,
  "scope.ts": `const a = 1;\nthrow new Error("no token in the environment");\nexport default () => a;\n`,
  "setup.ts": `export function setup() {\n  throw new Error("the database is empty");\n}\nexport default () => {};\n`,
  "stop.ts": `import { abort } from "loadmesh";\nexport default () => abort("nothing to test here");\n`,
  "slow-setup.ts": `import { sleep } from "loadmesh";\nexport const options = { setupTimeout: "1s" };\nexport const setup = () => sleep(5);\nexport default () => {};\n`,
  "slow-teardown.ts": `import { sleep } from "loadmesh";\nexport const options = { teardownTimeout: "1s" };\nexport const teardown = () => sleep(5);\nexport default () => {};\n`,
  "threshold.ts": `import { check } from "loadmesh";\nexport const options = { thresholds: { checks: ["rate>0.5"] } };\nexport default () => { check(1, { "one is two": (n) => n === 2 }); };\n`,
  "no-file.ts": `import { dataFile } from "loadmesh";\nconst users = dataFile("./users.csv");\nexport default () => users;\n`,
  "bad-file.ts": `import { dataFile } from "loadmesh";\nconst users = dataFile("./bad.csv");\nexport default () => users;\n`,
  "bad.csv": `name,password\nada,x\nbob\n`,
  "dies.ts": `export default () => { process.kill(process.pid, "SIGKILL"); };\n`,
  "bad.config.ts": `export default { agnets: 3 };\n`,
};

/** Commands as a person types them, in the order of the exit codes. `$NATS` is a server where no root leads. */
const COMMANDS = [
  "mesh rnu good.ts",
  "mesh run",
  "mesh run good.ts again.ts",
  "mesh run good.ts --agnets 2",
  "mesh run good.ts --agents many",
  "mesh run good.ts --zones",
  "mesh run good.ts --zones eu=half",
  "mesh runs everything",
  "mesh run good.ts --env TOKEN_THAT_IS_NOT_SET",
  "mesh run good.ts --label ticket",
  "mesh run good.ts --nats $NATS --context hub",
  "mesh run good.ts --context hub",
  "mesh run good.ts --config bad.config.ts",
  "mesh agent",
  "mesh events no-such-run",
  "mesh run threshold.ts --iterations 1",
  "mesh run slow-setup.ts --iterations 1",
  "mesh run slow-teardown.ts --iterations 1",
  "mesh run absent.ts",
  "mesh run syntax.ts",
  "mesh run import.ts",
  "mesh run names.ts",
  "mesh run package.ts",
  "mesh run options.ts",
  "mesh run metric.ts --iterations 1",
  "mesh run no-file.ts",
  "mesh run bad-file.ts",
  "mesh run good.ts --zones a,b --agents 1 --iterations 1",
  "mesh run scope.ts --iterations 1",
  "mesh run setup.ts --iterations 1",
  "mesh run stop.ts --iterations 1",
  "mesh runs --nats nats://127.0.0.1:1",
  "mesh runs --nats $NATS --creds absent.creds",
  "mesh runs --nats nats://ada:a@127.0.0.1:1,nats://bob:b@127.0.0.1:2",
  "mesh attach no-such-run",
  "mesh run good.ts --nats $NATS --iterations 1",
  "mesh run dies.ts --iterations 1",
] as const;

let files: ScriptFolder;
let home: MeshHome;
let nats: PrivateNats;
beforeAll(async () => {
  files = createScriptFolder();
  for (const [name, text] of Object.entries(FILES)) files.write(name, text);
  home = createMeshHome();
  nats = await startNats();
});
afterAll(async () => {
  files[Symbol.dispose]();
  await nats.stop();
  await home.dispose();
});

const ask = (command: string, where: MeshHome, ...more: readonly string[]): Promise<MeshExit> => {
  const [, ...args] = command.replaceAll("$NATS", nats.url).split(" ");
  const env = { XDG_CONFIG_HOME: files.folder, TOKEN_THAT_IS_NOT_SET: undefined };
  return where.run([...args, "--no-history", ...more].filter(isTaken(args[0])), { cwd: files.folder, env });
};

/** Only `mesh run` has that flag; a word that is no command takes anything. */
const isTaken = (command: string | undefined) => (word: string) =>
  command === "run" || word !== "--no-history";

/** Without what differs from run to run: names, times, ports and figures. */
const steady = (text: string): string =>
  text
    // Said only where starting takes seconds.
    .replaceAll(/^ *waiting for agents: .*\n/gm, "")
    .replaceAll(nats.url, "$NATS")
    .replaceAll(files.folder, "$PWD")
    .replaceAll(/\bm[a-z0-9]{7}-[0-9a-f]{6}\b/g, "RUN")
    .replaceAll(/\bseed \d+/g, "seed SEED")
    .replaceAll(/root-[\w-]+-[0-9a-f]{8}/g, "ROOT")
    .replaceAll(/\d+(\.\d+)?(ms|µs|m?s)\b/g, "TIME")
    .split("\n")
    // Progress and figures are held elsewhere.
    .filter((line) => !/^(TIME\/|TIME\+|started: |\[\w+ \S+\] )/.test(line))
    .join("\n")
    .trimEnd();

async function shown(command: string, where: MeshHome): Promise<string> {
  const { code, stderr, stdout } = await ask(command, where);
  const told = [stderr.trimEnd(), verdictIn(stdout)].filter((text) => text !== "").join("\n");
  return `$ ${command}\n${steady(told).replaceAll(where.folder, "$MESH_HOME")}\n→ exit ${code}\n`;
}

/** The end of a summary: its outcome and why. */
function verdictIn(stdout: string): string {
  const lines = stdout.split("\n");
  const at = lines.findIndex((line) => /\(exit \d+\) after/.test(line));
  if (at < 0) return "";
  const end = lines.findIndex((line, index) => index > at && line.trim() === "");
  return lines.slice(at, end).join("\n");
}

/** Two at once, each in a home of its own: nearly all of a command's time is its start. */
async function everyOther(first: number): Promise<readonly string[]> {
  await using own = createMeshHome();
  const parts: string[] = [];
  for (let at = first; at < COMMANDS.length; at += 2) parts.push(await shown(COMMANDS[at] ?? "", own));
  return parts;
}

/** Both are over, with whatever they leave, before either fails the test. */
async function both<A>(...work: readonly Promise<A>[]): Promise<readonly A[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

describe("errors", () => {
  it("are told as errors.golden.txt has them", async () => {
    const parts = await both(everyOther(0), everyOther(1));
    const text = COMMANDS.map((_, index) => parts[index % 2]?.[Math.floor(index / 2)] ?? "").join("\n");
    if (process.env["UPDATE_ERRORS"] === "1") {
      writeFileSync(GOLDEN, text);
      throw new Error(
        "errors.golden.txt is written anew: read its diff, and run the test without UPDATE_ERRORS",
      );
    }
    expect(text).toBe(readFileSync(GOLDEN, "utf8"));
  }, 240_000);

  it("never show the inside of the program", () => {
    const text = readFileSync(GOLDEN, "utf8");
    expect(text).not.toMatch(/\n\s+at .*\(|node_modules|\[object|undefined|NaN|this is a bug/);
  });

  it.each([
    ["mesh run good.ts --agnets 2", "Usage", 2],
    ["mesh run", "Usage", 2],
    ["mesh rnu", "Usage", 2],
    ["mesh run syntax.ts", "Script", 104],
    ["mesh run options.ts", "PlanInvalid", 104],
    ["mesh runs --nats nats://127.0.0.1:1", "Unreachable", 111],
    ["mesh events no-such-run", "RunNotFound", 2],
  ])("%s --json is one object with code, message, exit and hint", async (command, code, exit) => {
    const answer = await ask(command, home, "--json");
    expect([answer.code, answer.stderr]).toEqual([exit, ""]);
    const { error, ...rest } = JSON.parse(answer.stdout) as { error: Record<string, unknown> };
    expect(rest).toEqual({});
    expect(error).toEqual({
      code,
      exit,
      message: expect.stringMatching(/^\S/),
      ...(error["hint"] === undefined ? {} : { hint: expect.stringMatching(/^\S/) }),
    });
    expect(answer.stdout.length).toBeLessThan(1500);
  });
});
