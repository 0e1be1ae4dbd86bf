/** The layouts of `deploy/nats`: made by their scripts, started for real, and a run over each of them. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { README, readmeText } from "../../deploy/nats/generate.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { freePorts } from "../support/free-ports.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { assets } from "../../streams/assets.ts";
import { documentOf, expectBalanced } from "./documents.ts";

const root = join(import.meta.dirname, "../..");
const deploy = join(root, "deploy");
/** Of a busy machine. */
const UP_MS = 60_000;
const TEST_MS = 170_000;

/** So many iterations, whatever the machine has to do beside. */
const SCRIPT = `import { http, sleep } from "loadmesh";
const iterations = Number(__ENV["ITERATIONS"]);
export const options = { scenarios: { steady: { executor: "shared-iterations", vus: 5, iterations } } };
export default async () => {
  await http.get(__ENV["TARGET_URL"]);
  await sleep(0.25);
};
`;

/** Runs one of the scripts of `deploy/nats` with this checkout's mesh. */
async function layout(home: MeshHome, script: string, ...args: readonly string[]): Promise<string> {
  const folder = join(home.folder, "layout");
  const env = { ...process.env, MESH: join(root, "bin/mesh"), MESH_HOME: home.folder };
  await promisify(execFile)(join(deploy, "nats", script), [folder, ...args], { env, timeout: UP_MS });
  return folder;
}

/** A root, a zone and an agent at the servers of one folder, which says where those are. */
async function startRoles(home: MeshHome, cwd: string): Promise<readonly MeshProcess[]> {
  const [leader, zone, agent] = [["root"], ["zone", "eu"], ["agent", "--zone", "eu", "--cores", "1"]].map(
    (args) => home.start(args, { cwd }),
  );
  await leader?.stderr.line(/leading/, UP_MS);
  await zone?.stderr.line(/incarnation/, UP_MS);
  await agent?.stderr.line(/joined zone/, UP_MS);
  return [leader, zone, agent].filter((each) => each !== undefined);
}

/** Roles have something to say to their server when they leave. */
async function expectToLeave(roles: readonly MeshProcess[]): Promise<void> {
  for (const role of roles) role.signal("SIGTERM");
  for (const role of roles) expect(await role.exit()).toMatchObject({ code: 0 });
}

const startServer = async (home: MeshHome, folder: string): Promise<MeshProcess> => {
  const server = home.start(["server", folder]);
  await server.stderr.line(/listens on .* commands/, UP_MS);
  return server;
};

interface Asked {
  readonly zones: string;
  readonly iterations: number;
  readonly target: string;
}

function startRun(home: MeshHome, cwd: string, { iterations, target, zones }: Asked): MeshProcess {
  const env = ["--env", `ITERATIONS=${iterations}`, "--env", `TARGET_URL=${target}`];
  const script = join(home.folder, "steady.ts");
  writeFileSync(script, SCRIPT);
  return home.start(["run", script, "--zones", zones, "--no-history", "--json", ...env], { cwd });
}

/** Every iteration of the plan was run, and the target has seen each. */
async function expectWhole(run: MeshProcess, iterations: number, seen: () => Promise<number>): Promise<void> {
  const exit = await run.exit(2 * UP_MS);
  expect(exit.code, exit.stderr + exit.stdout).toBe(0);
  const document = documentOf(exit);
  expectBalanced(document);
  expect(document.ledger.total).toMatchObject({ planned: iterations, completed: iterations });
  expect(await seen()).toBe(iterations);
}

describe("the layouts of deploy/nats", () => {
  it("are what their README says", { timeout: TEST_MS }, () => {
    expect(readFileSync(README, "utf8")).toBe(readmeText());
  });

  it("single: one server for root, zone and agent", { timeout: TEST_MS }, async () => {
    await using home = createMeshHome();
    await using target = await startCountingTarget();
    const port = await freePorts(2);
    const at = (offset: number) => `127.0.0.1:${port + offset}`;
    const folder = await layout(home, "single.sh", "--listen", at(0), "--leaf", at(1));
    await startServer(home, folder);
    const roles = await startRoles(home, folder);
    const run = startRun(home, folder, { zones: "eu", iterations: 40, target: target.url });
    await expectWhole(run, 40, async () => (await target.stats()).total);
    await expectToLeave(roles);
  });

  it("cluster: three servers, of which one is killed in mid-run", { timeout: TEST_MS }, async () => {
    await using home = createMeshHome();
    await using target = await startCountingTarget();
    const port = await freePorts(9);
    const at = (offset: number) => `127.0.0.1:${port + offset}`;
    const where = ["--listen", at(0), "--leaf", at(3), "--route", at(6)];
    const folder = await layout(home, "cluster.sh", ...where);
    const names = ["hub-1", "hub-2", "hub-3"];
    await Promise.all(names.map((name) => startServer(home, join(folder, name))));
    const roles = await startRoles(home, folder);

    const leader = await leaderOf(folder, assets.runEvents.name());
    const run = startRun(home, folder, { zones: "eu", iterations: 240, target: target.url });
    await run.stderr.line(/^started/, UP_MS);
    process.kill(serverPid(join(folder, leader)), "SIGKILL");
    await expectWhole(run, 240, async () => (await target.stats()).total);
    expect(await leaderOf(folder, assets.runEvents.name())).not.toBe(leader);
    await expectToLeave(roles);
  });

  it("leaf: a hub and zones that dial it, all of it from one command", { timeout: TEST_MS }, async () => {
    await using home = createMeshHome();
    await using target = await startCountingTarget();
    await using demo = createMeshHome({ door: join(deploy, "hub-and-zones.sh") });
    const folder = join(demo.folder, "demo");
    const env = { MESH: join(root, "bin/mesh"), PORT: String(await freePorts(4)) };
    const all = demo.start([folder], { env });
    await all.stdout.line(/^ready: /, 2 * UP_MS).catch((error: Error) => {
      throw new Error(`${error.message}${all.stderr.text()}`);
    });
    const asked = { zones: "eu,us", iterations: 40, target: target.url };
    const run = startRun(home, join(folder, "hub"), asked);
    await expectWhole(run, 40, async () => (await target.stats()).total);
    all.signal("SIGINT");
    expect(await all.exit()).toMatchObject({ code: 0 });
    expect(demo.processes()).toEqual([]);
  });
});

/** Which server leads a stream; three keep it. */
async function leaderOf(folder: string, stream: string): Promise<string> {
  const { nats } = JSON.parse(readFileSync(join(folder, "mesh.config.json"), "utf8")) as { nats: string };
  const authenticator = credsAuthenticator(readFileSync(join(folder, "creds/root.creds")));
  const connection = await connect({ servers: nats.split(","), authenticator, inboxPrefix: "_INBOX.root" });
  try {
    const { cluster, config } = await (await jetstreamManager(connection)).streams.info(stream);
    expect(config.num_replicas).toBe(3);
    return cluster?.leader ?? "";
  } finally {
    await connection.close();
  }
}

/** The nats-server itself runs inside of its folder, and does not name it. */
function serverPid(folder: string): number {
  const log = readFileSync(join(folder, "server.log"), "utf8");
  const pid = Number(/^\[(\d+)\]/.exec(log)?.[1]);
  expect(pid).toBeGreaterThan(1);
  return pid;
}
