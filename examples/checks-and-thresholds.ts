/**
 * Checks count, thresholds decide. A check never fails a run by itself; a threshold on `checks` does. A threshold with
 * `abortOnFail` ends the run everywhere as soon as the merged numbers of all machines are on the wrong side.
 *
 *     mesh run examples/checks-and-thresholds.ts ; echo "exit code $?"    # 99 when a threshold fails
 */
import { check, group, http, type Options } from "loadmesh";

export const options: Options = {
  vus: 4,
  duration: "4s",
  thresholds: {
    // Of every answer: nearly all must be right.
    checks: ["rate>0.99"],
    // Of one part only: a tag picks the series.
    "http_req_duration{name:product}": ["p(95)<300", "max<2000"],
    // In a timeframe: not slow in three seconds in a row, and at no time many wrong answers within the last two.
    "group_duration{group:::product page}": ["p(95)<1000 for 3s"],
    "checks{check:status is 200}": ["rate>0.9 within 2s"],
    // Not worth going on when one request in ten fails; the first two seconds are not judged.
    http_req_failed: [{ threshold: "rate<0.1", abortOnFail: true, delayAbortEval: "2s" }],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  await group("product page", async () => {
    const page = await http.get(`${shop}/products/7`, { tags: { name: "product" } });
    check(page, {
      "status is 200": ({ status }) => status === 200,
      "it is product 7": (r) => r.json("id") === 7,
      "it is JSON": ({ headers }) => headers["Content-Type"] === "application/json",
    });
  });
}
