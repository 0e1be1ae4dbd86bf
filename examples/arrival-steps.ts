/**
 * Stages by arrival rate: 10, then 30, then 60 arrivals a second, each step a scenario of its own. So every step has its
 * own figures and thresholds: one sees at which rate the server begins to suffer, not only that it did.
 *
 *     mesh run examples/arrival-steps.ts
 */
import { http, type Options } from "loadmesh";

const RATES = [10, 30, 60];
const STEP_SECONDS = 2;

export const options: Options = {
  scenarios: Object.fromEntries(
    RATES.map((rate, index) => [
      `at_${rate}_per_second`,
      {
        executor: "constant-arrival-rate" as const,
        rate,
        startTime: `${index * STEP_SECONDS}s`,
        duration: `${STEP_SECONDS}s`,
        preAllocatedVUs: Math.ceil(rate / 5),
        maxVUs: rate,
        gracefulStop: "1s",
      },
    ]),
  ),
  // One threshold a step: the summary shows them beside each other.
  thresholds: Object.fromEntries(
    RATES.map((rate) => [`http_req_duration{scenario:at_${rate}_per_second}`, ["p(95)<500"]]),
  ),
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  await http.get(`${shop}/products`, { tags: { name: "products" } });
}
