/**
 * A mesh of separately started processes on one private nats-server: roots, zones and agents as `mesh root`, `mesh
 * zone` and `mesh agent`, each waited for until it says that it is at work.
 */
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { replayDifferences } from "../support/replay-runs.ts";
import { type PrivateNats, startNats } from "../support/nats.ts";

/** Agents by zone, named. */
type Agents = Readonly<Record<string, readonly string[]>>;

export interface SeparateMesh extends AsyncDisposable {
  readonly home: MeshHome;
  readonly nats: PrivateNats;
  /** Where it is: flags for any command. */
  readonly where: readonly string[];
  /** The first of them leads. */
  readonly roots: readonly MeshProcess[];
  readonly zones: ReadonlyMap<string, MeshProcess>;
  readonly agents: ReadonlyMap<string, MeshProcess>;
}

const UP_WITHIN_MS = 40_000;

/** Starts it; everything has joined when this resolves. `parents`: of zones that are below another one. */
export async function startSeparateMesh(
  agents: Agents,
  rootCount = 1,
  parents: Readonly<Record<string, string>> = {},
): Promise<SeparateMesh> {
  const nats = await startNats();
  const home = createMeshHome();
  const where = ["--nats", nats.url];
  const dispose = async () => {
    try {
      await home.dispose();
      const differences = await replayDifferences(nats.url);
      if (differences.length > 0) throw new Error(`a replay differs:\n${differences.join("\n")}`);
    } finally {
      await nats.stop();
    }
  };
  try {
    const roots = await startRoots(home, where, rootCount);
    const [zones, members] = [new Map<string, MeshProcess>(), new Map<string, MeshProcess>()];
    for (const [zone, names] of Object.entries(agents)) {
      const parent = parents[zone];
      const below = parent === undefined ? [] : ["--parent", parent];
      zones.set(zone, home.start(["zone", zone, ...below, ...where]));
      for (const name of names) {
        members.set(name, home.start(["agent", "--zone", zone, "--name", name, "--cores", "1", ...where]));
      }
    }
    await Promise.all([...zones.values()].map((zone) => zone.stderr.line(/incarnation 1$/, UP_WITHIN_MS)));
    await Promise.all([...members.values()].map((agent) => agent.stderr.line(/joined zone/, UP_WITHIN_MS)));
    return { home, nats, where, roots, zones, agents: members, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** One after the other, so that the first one leads. */
async function startRoots(
  home: MeshHome,
  where: readonly string[],
  count: number,
): Promise<readonly MeshProcess[]> {
  const leader = home.start(["root", ...where]);
  await leader.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
  return [leader, ...Array.from({ length: count - 1 }, () => home.start(["root", ...where]))];
}
