/**
 * Open model: fifty arrivals a second, however slow the server is. Arrivals for which no VU is free are dropped at once,
 * counted and named in the summary; they are never made up for later.
 *
 *     mesh run examples/open-model.ts
 */
import { check, http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: {
    arrivals: {
      executor: "constant-arrival-rate",
      rate: 50,
      timeUnit: "1s",
      duration: "4s",
      // VUs that wait from the start, and as many as may be added when answers take longer.
      preAllocatedVUs: 20,
      maxVUs: 50,
    },
  },
  thresholds: { iterations: ["count>180"], checks: ["rate==1"] },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  const page = await http.get(`${shop}/products/1`, { tags: { name: "product" } });
  check(page, { "status is 200": ({ status }) => status === 200 });
}
