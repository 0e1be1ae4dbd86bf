/**
 * A rate that rises in a line, stays, and falls: 10 to 60 arrivals a second, whatever the server makes of it. One sees at
 * which rate it begins to suffer; what finds no free VU is dropped and counted, never queued.
 *
 *     mesh run examples/ramping-arrivals.ts
 */
import { http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: {
    visitors: {
      executor: "ramping-arrival-rate",
      startRate: 10,
      timeUnit: "1s",
      stages: [
        { duration: "3s", target: 60 },
        { duration: "2s", target: 60 },
        { duration: "1s", target: 0 },
      ],
      // As many VUs as requests are under way at once: highest rate × time of an iteration, and some in reserve.
      preAllocatedVUs: 15,
      maxVUs: 60,
    },
  },
  thresholds: {
    http_req_failed: ["rate<0.01"],
    http_req_duration: ["p(95)<500"],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  await http.get(`${shop}/products`, { tags: { name: "products" } });
}
