/** autocannon, bare: it counts answers by status and knows no checks, tags or scripts here. A devDependency. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CONNECTIONS, type Peer, runBoundMs, type Workplace } from "../peer.ts";

interface Report {
  readonly requests: { readonly total: number };
  readonly duration: number;
  readonly errors: number;
  readonly non2xx: number;
  readonly latency: { readonly p99: number };
}

export function autocannon(place: Workplace): Peer {
  return {
    name: "autocannon",
    work: "nothing: bare requests",
    prepare: () => {
      const file = fileURLToPath(import.meta.resolve("autocannon/package.json"));
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      return Promise.resolve(`${version} (Node ${process.versions.node})`);
    },
    run: async (url, seconds) => {
      const program = fileURLToPath(import.meta.resolve("autocannon"));
      const args = [program, "-j", "-n", "-c", String(CONNECTIONS), "-d", String(seconds), `${url}/`];
      const { stdout } = await place.pinned(process.execPath, args, { boundMs: runBoundMs(seconds) });
      const report = JSON.parse(stdout) as Report;
      return {
        requests: report.requests.total,
        seconds: report.duration,
        failed: report.errors + report.non2xx,
        p99Ms: report.latency.p99,
      };
    },
  };
}
