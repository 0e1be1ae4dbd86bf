/**
 * Compares a whole `mesh run` with k6, autocannon, wrk and Locust: requests per second from one core at one target,
 * which has the other core. Peers that are not there are fetched into MESH_CACHE, k6 only when asked; one that cannot be
 * had is a line that says why. Relies on Linux, taskset and two cores. Prints a Markdown table with versions.
 *
 *     npm run bench:versus -- [--rounds 5] [--seconds 10] [--only mesh,k6] [--fetch-k6] [--json]
 */
import { autocannon } from "./peers/autocannon.ts";
import { k6 } from "./peers/k6.ts";
import { locust } from "./peers/locust.ts";
import { mesh } from "./peers/mesh.ts";
import { wrk } from "./peers/wrk.ts";
import { runComparison } from "./run-comparison.ts";

await runComparison({
  args: process.argv.slice(2),
  peers: { mesh, k6, autocannon, wrk, locust },
  ours: "mesh",
});
