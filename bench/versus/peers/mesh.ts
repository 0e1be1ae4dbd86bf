/**
 * Our own agent as a person runs it: a whole `mesh run` – door, root, zone, agent, worker and NATS server, all on the
 * generator's core – with one check and one tag per request and all its metrics. Each run has a home of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killAll, withoutProcesses } from "../../../test/support/processes.ts";
import { CONNECTIONS, type Peer, type PeerFigures, runBoundMs, type Workplace } from "../peer.ts";
import { figuresFromSummary } from "./k6-summary.ts";

const program = join(import.meta.dirname, "../../../bin/mesh");
const END_BOUND_MS = 6_000;

export function mesh(place: Workplace): Peer {
  return {
    name: "mesh",
    work: "a check, a tag, all metrics, history in SQL; NATS, coordinators, ClickHouse on the same core",
    prepare: async () => {
      const { stdout } = await place.anywhere(program, ["--version"], { boundMs: 30_000 });
      const [, version, node] = /^\w+\/(\S+) \S+ node-v(\S+)/.exec(stdout) ?? [];
      return version === undefined ? stdout.trim() : `${version} (Node ${node})`;
    },
    run: async (url, seconds) => {
      const home = mkdtempSync(join(place.folder, "home-"));
      try {
        return await runIn(home, url, seconds);
      } finally {
        killAll(await withoutProcesses(home, END_BOUND_MS));
        rmSync(home, { recursive: true, force: true });
      }
    },
  };

  async function runIn(home: string, url: string, seconds: number): Promise<PeerFigures> {
    const summary = join(home, "summary.json");
    const script = join(home, "script.ts");
    writeFileSync(script, scriptFor(url, seconds, summary));
    await place.pinned(program, ["run", script], {
      boundMs: runBoundMs(seconds),
      cwd: home,
      env: { MESH_HOME: home, MESH_CONFIG: "none" },
      without: "MESH_",
    });
    return figuresFromSummary(summary);
  }
}

const scriptFor = (
  url: string,
  seconds: number,
  summary: string,
): string => `import { check, http } from "loadmesh";
export const options = { vus: ${CONNECTIONS}, duration: "${seconds}s", summaryTrendStats: ["p(99)"] };
export default async () => {
  const res = await http.get("${url}/", { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
};
export const handleSummary = (data) => ({ "${summary}": JSON.stringify(data) });
`;
