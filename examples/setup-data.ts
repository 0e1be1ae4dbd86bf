/**
 * `setup()` runs once for the whole run, on one machine, and what it returns reaches every VU on every machine as a
 * copy. `exec.scenario.iterationInTest` is unique over all machines: no two iterations take the same order number.
 *
 *     mesh run examples/setup-data.ts --zones eu,us --agents 2
 */
import { check, exec, http, type Options } from "loadmesh";

export const options: Options = {
  scenarios: { orders: { executor: "shared-iterations", vus: 4, iterations: 60, maxDuration: "20s" } },
  thresholds: { checks: ["rate==1"], iterations: ["count==60"] },
  ext: { mesh: { target: "targets/shop.ts" } },
};

interface Shop {
  token: string;
  ids: number[];
}

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export async function setup(): Promise<Shop> {
  const login = await http.post(`${shop}/login`, { user: "ada" });
  const products: { id: number }[] = (await http.get(`${shop}/products`)).json();
  return { token: login.json("token"), ids: products.map(({ id }) => id) };
}

export default async function ({ ids, token }: Shop): Promise<void> {
  const number = exec.scenario.iterationInTest;
  const placed = await http.post(`${shop}/orders`, JSON.stringify({ number, id: ids[number % ids.length] }), {
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    tags: { name: "order" },
  });
  check(placed, { "the order is accepted": ({ status }) => status === 201 });
}

/** Runs once, whatever ended the run, as long as setup succeeded. */
export async function teardown({ token }: Shop): Promise<void> {
  await http.post(`${shop}/logout`, null, { headers: { Authorization: `Bearer ${token}` } });
}
