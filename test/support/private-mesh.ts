/**
 * A hub and private zones as people set them up: `mesh hub init`, `mesh zone init`, `mesh server`, then root, zones and
 * agents with the credentials that these made. Each process runs in its own folder and is given no flag that it need not.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createMeshHome, type MeshExit, type MeshHome, type MeshProcess } from "./run-mesh.ts";

export interface PrivateMesh extends AsyncDisposable {
  /** Holds the folders `hub` and `zone-NAME`. */
  readonly folder: string;
  readonly home: MeshHome;
  readonly at: (path: string) => string;
  /** Runs a command in the folder above all others; fails unless it succeeds. */
  readonly mesh: (...args: readonly string[]) => Promise<MeshExit>;
  /** Starts what runs on, in one of the folders. */
  readonly start: (folder: string, ...args: readonly string[]) => MeshProcess;
  /** Starts the server of a folder; it is ready when this resolves. */
  readonly serve: (folder: string) => Promise<MeshProcess>;
  readonly log: (folder: string) => string;
}

export const UP_WITHIN_MS = 60_000;

export function createPrivateMesh(): PrivateMesh {
  const folder = mkdtempSync("/tmp/mesh-private-");
  const home = createMeshHome();
  const start = (at: string, ...args: readonly string[]) => home.start(args, { cwd: join(folder, at) });
  return {
    folder,
    home,
    start,
    at: (path) => join(folder, path),
    mesh: async (...args) => {
      const exit = await home.run(args, { cwd: folder, boundMs: UP_WITHIN_MS });
      if (exit.code !== 0)
        throw new Error(`mesh ${args.join(" ")}: ${exit.code}\n${exit.stdout}${exit.stderr}`);
      return exit;
    },
    serve: async (at) => {
      const server = start(".", "server", at);
      await server.stderr.line(/for commands and roles/, UP_WITHIN_MS);
      return server;
    },
    log: (at) => readFileSync(join(folder, at, "server.log"), "utf8"),
    [Symbol.asyncDispose]: async () => {
      await home.dispose();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A port of the loopback network that nobody listens on now. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** Lines of a server's log in which somebody was refused something. */
export const refusals = (log: string): readonly string[] =>
  log.split("\n").filter((line) => /violation|authentication error|not allowed|revoked|expired/i.test(line));

export interface Options {
  /** Further flags of `mesh hub init` and `mesh zone init`. */
  readonly hubFlags?: readonly string[];
  readonly zoneFlags?: readonly string[];
  readonly agents?: number;
}

/** A hub with root, and one zone with its agents; everybody has joined when this resolves. */
export async function startPrivateMesh(zone: string, options: Options = {}) {
  const mesh = createPrivateMesh();
  const { agents = 2, hubFlags = [], zoneFlags = [] } = options;
  try {
    const [client, leaf, own] = [await freeAddress(), await freeAddress(), await freeAddress()];
    await mesh.mesh("hub", "init", "hub", "--listen", client, "--leaf", leaf, ...hubFlags);
    const hub = await mesh.serve("hub");
    const init = ["zone", "init", zone, "--hub", "hub", "--listen", own, "--agents", String(agents)];
    await mesh.mesh(...init, ...zoneFlags);
    const server = await mesh.serve(`zone-${zone}`);
    const root = mesh.start("hub", "root");
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    const coordinator = mesh.start(`zone-${zone}`, "zone", zone);
    const members = Array.from({ length: agents }, (_, n) =>
      mesh.start(`zone-${zone}`, "agent", "--creds", `agents/${zone}-${n + 1}.creds`, "--cores", "1"),
    );
    await coordinator.stderr.line(/incarnation 1$/, UP_WITHIN_MS);
    await Promise.all(members.map((agent) => agent.stderr.line(/joined zone/, UP_WITHIN_MS)));
    return { ...mesh, servers: { hub, zone: server }, root, coordinator, members };
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}
