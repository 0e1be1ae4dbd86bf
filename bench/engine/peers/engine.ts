/**
 * Our engine: one worker process, alone on the generator's core, with one check and one tag per request and all its
 * metrics. The rest of the mesh is left out; `bench:versus` measures that, and `bench:mesh-cost` what it adds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONNECTIONS, GENERATOR_CORE, type Peer } from "../../versus/peer.ts";
import { type Rig, startRig } from "../rig.ts";

const SCRIPT = `import { check, http } from "loadmesh";
export default async () => {
  const res = await http.get(__ENV.URL, { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
};`;

/** A worker that is ready to send keep-alive GETs. */
export const engineRig = (url: string, seconds: number): Promise<Rig> =>
  startRig({
    script: SCRIPT,
    options: { vus: CONNECTIONS, duration: `${seconds}s` },
    core: GENERATOR_CORE,
    env: { URL: `${url}/` },
  });

export function engine(): Peer {
  return {
    name: "engine",
    work: "a check, a tag, all metrics: the worker process alone",
    prepare: () => {
      const file = join(import.meta.dirname, "../../../package.json");
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      return Promise.resolve(`${version} (Node ${process.versions.node})`);
    },
    run: async (url, seconds) => {
      const rig = await engineRig(url, seconds);
      try {
        rig.start();
        await rig.ended;
        const { totals } = rig;
        return {
          requests: totals.count("http_reqs"),
          seconds,
          failed: totals.fails("checks"),
          p99Ms: totals.percentileMs("http_req_duration", 99),
        };
      } finally {
        await rig.kill();
      }
    },
  };
}
