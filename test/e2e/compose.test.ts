/**
 * `deploy/compose` without Docker: each service is a process with the arguments and the environment that the Compose file
 * gives it, on hosts of its networks. ClickHouse is the embedded engine with the same user, password and port.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { findNatsServer } from "../../src/keeper/provision-nats.ts";
import {
  clickHouseConfig,
  clickHouseUsers,
  parsePortFile,
} from "../../src/keeper/servers/clickhouse-config.ts";
import {
  graceMs,
  type Line,
  networksOf,
  readCompose,
  type Service,
  type ServiceProcess,
  startOrder,
  startService,
} from "../support/compose.ts";
import {
  endpointsOf,
  pathsOf,
  type Places,
  siteOf,
  withEndpoints,
  withPaths,
} from "../support/compose-places.ts";
import { type Site, startNetwork } from "../support/network.ts";
import { withoutProcesses, killAll } from "../support/processes.ts";

const root = join(import.meta.dirname, "../..");
const from = join(root, "deploy/compose");
const compose = readCompose(join(from, "compose.yaml"));
const ENTRYPOINT = ["/opt/mesh/bin/mesh"];
const UP_MS = 60_000;
const TEST_MS = 170_000;

const folder = mkdtempSync("/tmp/mesh-t-compose-");
const started: ServiceProcess[] = [];
afterAll(async () => {
  for (const one of started) one.signal("SIGKILL");
  killAll(await withoutProcesses(folder, 5000));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** PATH of the image: mesh, node and nats-server, before what a Debian has. */
async function imagePath(): Promise<string> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(join(root, "bin/mesh"), join(bin, "mesh"));
  const { path } = await findNatsServer();
  return [bin, dirname(process.execPath), dirname(path), "/usr/bin", "/bin"].join(delimiter);
}

interface Container {
  readonly name: string;
  readonly service: Service;
  readonly site: Site;
  readonly places: Places;
  readonly path: string;
}

/** The command line of a service, or of its health check, as a process of its site. */
function lineOf({ path, places, service, site }: Container, command?: readonly string[]): Line {
  const paths = new Map([...pathsOf(service, places), ["/opt/mesh", root]]);
  const mapped = (text: string) => withPaths(withEndpoints(text, places.endpoints), paths);
  const words = command ?? [...(service.entrypoint ?? ENTRYPOINT), ...(service.command ?? [])];
  const [program = "", ...args] = words.map(mapped);
  const here = service.network_mode === "none" ? ([program, args] as const) : site.command(program, args);
  const environment = Object.entries(service.environment ?? {}).map(([name, text]) => [name, mapped(text)]);
  const cache = process.env["MESH_CACHE"];
  const env = { PATH: path, HOME: folder, MESH_HOME: join(folder, "home"), MESH_CACHE: cache };
  return {
    program: here[0],
    args: here[1],
    env: { ...env, ...Object.fromEntries(environment) },
    cwd: folder,
  };
}

/** Until the check passes: as often as the file says, and sooner. */
async function healthy(container: Container): Promise<void> {
  const { retries = 1, test: [, ...command] = [] } = container.service.healthcheck ?? {};
  for (let left = retries * 4; left > 0; left--) {
    const check = startService(`health of ${container.name}`, lineOf(container, command));
    if ((await check.exit(UP_MS)) === 0) return;
    await pause(500);
  }
  throw new Error(
    `${container.name} is not healthy: ${started.find(({ name }) => name === container.name)?.stderr.text()}`,
  );
}

/** In place of the image: the engine of the package chdb. It takes any port, which others are told. */
async function startClickHouse({ places, service, site }: Container): Promise<ServiceProcess> {
  const { CLICKHOUSE_PASSWORD = "", CLICKHOUSE_USER = "" } = service.environment ?? {};
  expect(CLICKHOUSE_USER).toBe("mesh");
  const at = join(folder, "clickhouse");
  mkdirSync(join(at, "data"), { recursive: true });
  const sum = createHash("sha256").update(CLICKHOUSE_PASSWORD).digest("hex");
  writeFileSync(join(at, "users.xml"), clickHouseUsers({ meshSha256: sum, readerSha256: sum }));
  writeFileSync(join(at, "config.xml"), clickHouseConfig(join(at, "users.xml"), 1_000_000_000));
  const main = join(root, "src/keeper/servers/clickhouse-main.ts");
  const [program, args] = site.command(process.execPath, [main, at]);
  const { PATH, HOME } = process.env;
  const server = startService("clickhouse", {
    program,
    args,
    cwd: at,
    env: { PATH, HOME, TZ: "UTC", LC_ALL: "C" },
  });
  for (const until = performance.now() + UP_MS; performance.now() < until; await pause(50)) {
    const said = parsePortFile(readIfThere(join(at, "port")));
    if (said === undefined) continue;
    places.endpoints.set("clickhouse:8123", `127.0.0.1:${said.port}`);
    return server;
  }
  throw new Error(`ClickHouse does not listen: ${server.stderr.text()}`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

describe("deploy/compose", () => {
  it(
    "comes up in order, passes a run that lands in ClickHouse, and ends on its stop signal",
    { timeout: TEST_MS },
    async () => {
      await using network = await startNetwork(["eu", "us"]);
      const places: Places = { network, folder, from, endpoints: await endpointsOf(network) };
      const path = await imagePath();
      const containers = startOrder(compose, ["run"]).flatMap((name): readonly Container[] => {
        const service = compose.services[name] ?? {};
        // In namespaces, what has a leg in both zones is a process in each.
        const zones = networksOf(service).flatMap((net) => network.zones[net] ?? []);
        const sites = network.kind === "namespaces" && zones.length > 1 ? zones : [siteOf(service, network)];
        return sites.map((site) => ({ name, service, site, places, path }));
      });

      const done = new Set<string>();
      for (const container of containers) {
        const { name, service } = container;
        for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
          const before = containers.find((each) => each.name === other);
          if (condition === "service_healthy" && before !== undefined && !done.has(other))
            await healthy(before);
          done.add(other);
        }
        if (name === "run") continue;
        const one =
          name === "clickhouse" ? await startClickHouse(container) : startService(name, lineOf(container));
        if (name !== "init") started.push(one);
        else expect(await one.exit(UP_MS), one.stderr.text()).toBe(0);
      }
      const agents = started.filter(({ name }) => name.endsWith("-agent"));
      await Promise.all(agents.map(({ stderr }) => stderr.line(/joined zone/, UP_MS)));

      const door = containers.find(({ name }) => name === "run");
      expect(door).toBeDefined();
      if (door === undefined) return;
      const run = startService("run", lineOf(door));
      expect(await run.exit(UP_MS), run.stderr.text() + run.stdout.text()).toBe(0);
      expect(run.stdout.text()).toMatch(/passed \(exit 0\)/);
      expect(run.stdout.text()).toMatch(/total\s+100\s+100\s+0\s+0\s+0/);
      const asked = ["sql", "SELECT outcome FROM latest_runs"];
      const sql = startService("sql", lineOf(door, [...ENTRYPOINT, ...asked]));
      expect(await sql.exit(UP_MS), sql.stderr.text()).toBe(0);
      expect(sql.stdout.text().split("\n"), sql.stderr.text()).toContain("passed");

      for (const one of started.toReversed()) {
        one.signal("SIGTERM");
        const code = await one.exit(graceMs(compose.services[one.name] ?? {}));
        // The engine has no end in order: what it acknowledged is on disk.
        if (one.name !== "clickhouse") expect(code, `${one.name}\n${one.stderr.text()}`).toBe(0);
      }
      expect(await withoutProcesses(folder, 5000)).toEqual([]);
    },
  );
});
