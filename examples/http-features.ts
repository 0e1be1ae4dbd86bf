/**
 * What `http` can do beside a plain request: many at once, URLs with a name, files, answers that are expected to be no
 * success, cookies. All of it as in k6, but awaited.
 *
 *     mesh run examples/http-features.ts
 */
import { check, http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: { shop: { executor: "per-vu-iterations", vus: 4, iterations: 5 } },
  // Of one http.batch: so many at the same time, and so many of them to one host.
  batch: 10,
  batchPerHost: 4,
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    // All products share one series, because their URLs are made by http.url.
    "http_req_duration{name:${}/products/${}}": ["p(95)<500"],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  // As a browser would: the page and what belongs to it, at once.
  const pages = await http.batch([1, 2, 3, 4, 5, 6].map((id) => http.url`${shop}/products/${id}`));
  check(pages, { "six products are there": (all) => all.every(({ status }) => status === 200) });

  // A product that is sold out is no failure of the shop.
  const gone = await http.get(`${shop}/products/99`, {
    tags: { name: "sold out" },
    responseCallback: http.expectedStatuses(404),
  });
  check(gone, { "is sold out": ({ status, error_code: code }) => status === 404 && code === 1404 });

  // A form, and one with a file in it, compressed.
  const login = await http.post(`${shop}/login`, { user: "ada", roles: ["buyer", "seller"] });
  const headers = { Authorization: `Bearer ${String(login.json("token"))}` };
  const receipt = http.file("1 × Product 1", "receipt.txt", "text/plain");
  const order = await http.post(
    `${shop}/orders`,
    { product: 1, receipt },
    { headers, compression: "gzip", timeout: "5s" },
  );
  check(order, { "is accepted": ({ status }) => status === 201 });

  // Cookies are those of this VU, in this iteration.
  http.cookieJar().set(shop, "currency", "EUR");
  const page = await http.get(`${shop}/products`, { cookies: { currency: { value: "USD", replace: true } } });
  check(page, {
    "was paid for in dollars": ({ request }) => request.headers["Cookie"] === "currency=USD",
    "came over HTTP/1.1": ({ proto }) => proto === "HTTP/1.1",
  });
}
