/**
 * A private mesh as people would run it: a generated hub and zones, each server held by `mesh server`, each role with the
 * credentials of its folder.
 */
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { type TrustedMesh, trustedMesh, type Zones } from "../support/trusted-mesh.ts";

export interface TrustedRun extends AsyncDisposable {
  readonly home: MeshHome;
  readonly mesh: TrustedMesh;
  /** `mesh server` by place: `hub`, or a zone's name. */
  readonly servers: ReadonlyMap<string, MeshProcess>;
}

const UP_WITHIN_MS = 60_000;

/** Everything has joined when this resolves. */
export async function startTrustedRun(zones: Zones): Promise<TrustedRun> {
  const mesh = await trustedMesh({ zones, started: false });
  const home = createMeshHome();
  const dispose = async () => {
    try {
      await home.dispose();
    } finally {
      await mesh[Symbol.asyncDispose]();
    }
  };
  try {
    const at = (place: string) => (place === "hub" ? mesh.hub : mesh.zones[place])?.folder.path ?? "";
    const servers = new Map<string, MeshProcess>();
    for (const place of ["hub", ...Object.keys(zones)]) servers.set(place, home.start(["server", at(place)]));
    await Promise.all([...servers.values()].map(({ stderr }) => stderr.line(/for commands/, UP_WITHIN_MS)));
    const root = home.start(["root"], { cwd: at("hub") });
    const joined: Promise<unknown>[] = [root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS)];
    for (const [zone, agents] of Object.entries(zones)) {
      const cwd = at(zone);
      home.start(["zone", zone], { cwd });
      for (const agent of agents) {
        const { stderr } = home.start(["agent", "--creds", `agents/${agent}.creds`, "--cores", "1"], { cwd });
        joined.push(stderr.line(/joined zone/, UP_WITHIN_MS));
      }
    }
    await Promise.all(joined);
    return { home, mesh, servers, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
