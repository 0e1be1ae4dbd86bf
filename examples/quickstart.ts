/**
 * Your first load test:
 *
 *     mesh run examples/quickstart.ts
 *
 * Three shoppers browse a small shop for six seconds while orders arrive at a steady ten a second. The shop comes
 * with the example (`targets/shop.ts`, on loopback); to test a server of your own, set its URL and drop `ext`:
 *
 *     mesh run examples/quickstart.ts --env TARGET_URL=https://shop.example.test
 */
import { check, group, http, sleep, Trend, type Options } from "loadmesh";

export const options: Options = {
  scenarios: {
    // Closed model: each shopper starts over when done, so a slow shop gets fewer requests.
    browsing: { executor: "constant-vus", vus: 3, duration: "6s", exec: "browse" },
    // Open model: customers do not wait for each other, so orders keep coming however slow the shop is.
    ordering: {
      executor: "constant-arrival-rate",
      rate: 10,
      duration: "6s",
      preAllocatedVUs: 5,
      maxVUs: 20,
      exec: "order",
    },
  },
  // What must hold for this test to pass.
  thresholds: {
    checks: ["rate>0.99"],
    http_req_failed: ["rate<0.01"],
    "http_req_duration{scenario:browsing}": ["p(95)<200"],
    basket_value: ["avg>0"],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

/** What setup() hands to everyone. */
interface Shop {
  token: string;
  products: { id: number; price: number }[];
}

const basketValue = new Trend("basket_value");
const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

/** Runs once, before the load, whatever the number of machines. */
export async function setup(): Promise<Shop> {
  const login = await http.post(`${shop}/login`, { user: "ada" });
  const products = await http.get(`${shop}/products`);
  return { token: login.json("token"), products: products.json() };
}

/** A shopper looks around. */
export async function browse(data: Shop): Promise<void> {
  await group("catalogue", async () => {
    const list = await http.get(`${shop}/products`, { tags: { name: "products" } });
    check(list, {
      "the catalogue is there": (r) => r.status === 200 && r.json().length === data.products.length,
    });
  });

  const { id } = pick(data.products);
  // The tag `name` gives all products one series, instead of one per URL.
  const page = await http.get(`${shop}/products/${id}`, { tags: { name: "product" } });
  check(page, { "the product is the one asked for": (r) => r.json("id") === id });

  await sleep(0.1 + Math.random() * 0.2);
}

/** A customer who knows what they want. */
export async function order(data: Shop): Promise<void> {
  const basket = [pick(data.products), pick(data.products)];
  basketValue.add(basket.reduce((sum, { price }) => sum + price, 0));

  const placed = await http.post(`${shop}/orders`, JSON.stringify({ ids: basket.map(({ id }) => id) }), {
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${data.token}` },
    tags: { name: "order" },
  });
  check(placed, { "the order is accepted": (r) => r.status === 201 });
}

/** Runs once, after the load. */
export async function teardown(data: Shop): Promise<void> {
  await http.post(`${shop}/logout`, null, { headers: { Authorization: `Bearer ${data.token}` } });
}

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;
