/**
 * Users who come one after the other, stay, and go: `stages` are k6's shortcut for the executor ramping-vus. Who is to
 * go may end what they are at, within `gracefulRampDown` (30 s).
 *
 *     mesh run examples/ramping-vus.ts
 *
 * Flags say the same: mesh run examples/ramping-vus.ts --stage 3s:8,2s:8,1s:0
 */
import { check, http, type Options, sleep } from "loadmesh";

export const options: Options = {
  stages: [
    { duration: "3s", target: 8 },
    { duration: "2s", target: 8 },
    { duration: "1s", target: 0 },
  ],
  thresholds: {
    checks: ["rate>0.99"],
    http_req_duration: ["p(95)<500"],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  const page = await http.get(`${shop}/products`, { tags: { name: "products" } });
  check(page, { "the list is there": ({ status }) => status === 200 });
  await sleep(0.2);
}
