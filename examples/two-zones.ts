/**
 * Two zones: the load is divided by weight, exactly, and comes back as one number. On a laptop both zones are
 * processes of this command; in production they are `mesh zone eu` and `mesh zone us` in two regions. The script, the
 * protocol and the arithmetic are the same.
 *
 *     mesh run examples/two-zones.ts --zones eu=2,us --agents 3
 *     mesh run examples/two-zones.ts --zones eu=2,us --agents 3 --nats nats://hub:4222
 */
import { check, http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: {
    arrivals: {
      executor: "constant-arrival-rate",
      rate: 30,
      duration: "4s",
      preAllocatedVUs: 30,
      maxVUs: 30,
    },
  },
  // Judged on the merged histogram: no average of averages. Every sample has the tag `zone`.
  thresholds: {
    http_req_duration: ["p(99)<1000"],
    "http_req_failed{zone:eu}": ["rate<0.1 within 2s"],
    iterations: ["count>100"],
  },
  // An agent that dies ends the run (112); `{ tolerate: 34 }` would let one in three go, with its loss in the ledger.
  onAgentLoss: "fail",
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  const page = await http.get(`${shop}/products`, { tags: { name: "products" } });
  check(page, { "status is 200": ({ status }) => status === 200 });
}
