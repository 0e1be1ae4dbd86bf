/**
 * A CSV beside the script. It travels with the script to every machine, each worker reads it once, and `unique()` gives
 * every iteration a row that no other iteration of the run has, on whatever machine it runs.
 *
 *     mesh run examples/data-file.ts --zones eu,us --agents 2
 */
import { check, dataFile, http, type Options, randomItem } from "loadmesh";

// Files are read in module scope only, by their path from the script.
const customers = dataFile<{ name: string; product: string }>("./customers.csv");

export const options: Options = {
  // One iteration for each row; one more would fail, because no row is left for it.
  scenarios: { orders: { executor: "shared-iterations", vus: 4, iterations: customers.length } },
  thresholds: { checks: ["rate==1"], iterations: [`count==${customers.length}`] },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export async function setup(): Promise<string> {
  const login = await http.post(`${shop}/login`, { user: "ada" });
  return login.json("token");
}

export default async function (token: string): Promise<void> {
  const customer = customers.unique();
  // Chance follows from the run's seed and the iteration's number: with --seed the same orders are sent again.
  const order = { for: customer.name, id: customer.product, paid: randomItem(["card", "invoice"]) };
  const placed = await http.post(`${shop}/orders`, JSON.stringify(order), {
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    tags: { name: "order" },
  });
  check(placed, { "the order is accepted": ({ status }) => status === 201 });
}
