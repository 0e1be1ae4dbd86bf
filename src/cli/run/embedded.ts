/**
 * The mesh of one `mesh run`: a root, its zones and agents, each a process of its own over the same subjects as a mesh
 * in five regions. They end with this process, whatever ends it.
 */
import { availableParallelism } from "node:os";
import type { ZoneWeight } from "../../../streams/schema/plan.ts";
import { agentsByZone } from "../../domain/segment/agents-by-zone.ts";
import { type RoleProcess, spawnRole } from "../../keeper/spawn-role.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { NO_CONFIG } from "../settings/config-file.ts";
import type { Place } from "../place.ts";

export interface EmbeddedMesh {
  /** Rejects when a role that the run needs ends by itself before `stop`. */
  readonly broken: Promise<never>;
  stop(): Promise<void>;
  /** At once, with no goodbye; resolves when they are gone. */
  kill(): Promise<void>;
}

/** Two runs at once in one state directory must not share a zone: the keeper's slot tells them apart. */
export const zoneName = (zone: string, slot: number): string => (slot === 0 ? zone : `${zone}-${slot + 1}`);

export function startEmbedded(
  place: Place,
  zones: readonly ZoneWeight[],
  agents: number,
  note: (line: string) => void,
  rootFlags: readonly string[] = [],
): EmbeddedMesh {
  const where = ["--nats", place.url, ...(place.credsFile === undefined ? [] : ["--creds", place.credsFile])];
  const counts = agentsByZone(
    zones.map(({ weight }) => weight),
    agents,
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cores = String(Math.max(1, Math.floor(availableParallelism() / total)));
  const commands = [
    ["root", ...where, ...rootFlags],
    ...zones.map(({ zone }) => ["zone", zone, ...where]),
    ...zones.flatMap(({ zone }, index) =>
      Array.from({ length: counts[index] ?? 1 }, (_, n) => [
        "agent",
        "--zone",
        zone,
        "--name",
        `${zone}-${n + 1}`,
        "--cores",
        cores,
        ...where,
      ]),
    ),
  ];
  const roles = commands.map((args) => startRole(args, note));
  let stopping = false;
  // Agents are not among them: losing one is for the mesh to notice and to judge.
  const needed = roles.filter(({ name }) => !name.startsWith("agent"));
  const broken = Promise.race(
    needed.map(async ({ name, process: role }) => {
      const { code, signal } = await role.exited;
      if (stopping) return new Promise<never>(() => {});
      throw roleEnded(name, signal ?? `exit code ${code}`);
    }),
  );
  broken.catch(() => undefined);
  return {
    broken,
    stop: async () => {
      stopping = true;
      const [lower, upper] = [
        roles.filter(({ name }) => name.startsWith("agent")),
        roles.filter(({ name }) => !name.startsWith("agent")),
      ];
      await Promise.all(lower.map(({ process: role }) => role.stop()));
      await Promise.all(upper.map(({ process: role }) => role.stop()));
    },
    kill: async () => {
      stopping = true;
      for (const { process: role } of roles) if (role.pid !== undefined) killGroup(role.pid);
      await Promise.all(roles.map(({ process: role }) => role.exited));
    },
  };
}

/** What the environment says of other servers does not hold for the embedded ones. */
const TOLD_ALREADY = { MESH_CONFIG: NO_CONFIG, MESH_TLS_CA: "", MESH_TLS_CERT: "", MESH_TLS_KEY: "" };

function startRole(
  args: readonly string[],
  note: (line: string) => void,
): { readonly name: string; readonly process: RoleProcess } {
  const name = args[0] === "agent" ? `agent ${args[4]}` : args[0] === "zone" ? `zone ${args[1]}` : "root";
  return {
    name,
    process: spawnRole(
      args,
      { ...process.env, ...TOLD_ALREADY },
      { onLine: (line) => note(`[${name}] ${line}`) },
    ),
  };
}

const roleEnded = (name: string, how: string): Failure =>
  new Failure(
    exitCode.unreachable,
    "RoleEnded",
    `the ${name} of this run ended by itself (${how})`,
    "its last lines are above; run again, and if it repeats, report it",
  );

/** Roles lead process groups of their own, with their workers in them. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // already gone
  }
}
