/** A first run from two private zones: docker compose -f deploy/compose/compose.yaml run --rm run */
import { check, http, sleep, type Options } from "loadmesh";

export const options: Options = {
  scenarios: { visits: { executor: "shared-iterations", vus: 10, iterations: 100 } },
  thresholds: { checks: ["rate==1"], http_req_failed: ["rate==0"] },
};

const target = __ENV["TARGET_URL"] ?? "http://target:8080";

export default async function (): Promise<void> {
  const page = await http.get(`${target}/hello`);
  check(page, { "it answers": (r) => r.status === 200 });
  await sleep(0.3);
}
