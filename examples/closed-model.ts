/**
 * Closed model: so many people, each waiting for an answer before the next click. A slow server gets fewer requests, so
 * the pressure gives way; use it for sessions, and `open-model.ts` for arrivals from outside.
 *
 *     mesh run examples/closed-model.ts
 *     mesh run examples/closed-model.ts --vus 20 --duration 30s
 */
import { check, http, sleep, type Options } from "loadmesh";

export const options: Options = {
  vus: 5,
  duration: "4s",
  thresholds: { checks: ["rate==1"], iterations: ["count>5"] },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  const page = await http.get(`${shop}/products`, { tags: { name: "products" } });
  check(page, { "status is 200": ({ status }) => status === 200 });
  await sleep(0.5); // reading the page
}
