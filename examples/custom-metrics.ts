/**
 * Metrics of your own: made in module scope, filled anywhere, merged over all machines, usable in thresholds and in
 * `mesh sql`. `handleSummary` gets them all, and what it returns is written to files.
 *
 *     mesh run examples/custom-metrics.ts && cat prices.json
 */
import { Counter, Gauge, http, Rate, Trend, type Options } from "loadmesh";

export const options: Options = {
  vus: 3,
  iterations: 60,
  thresholds: {
    items_seen: ["count>=60"],
    cheap: ["rate>0.2"],
    price: ["p(90)<50"],
    "price{shelf:low}": ["max<50"],
  },
  ext: { mesh: { target: "targets/shop.ts" } },
};

const itemsSeen = new Counter("items_seen"); // a sum
const lastPrice = new Gauge("last_price"); // the last value, and the smallest and largest
const cheap = new Rate("cheap"); // how often it was true
const price = new Trend("price"); // a distribution: avg, min, max, any percentile
const parsing = new Trend("parsing", true); // true: the values are milliseconds

const shop = __ENV["TARGET_URL"] ?? "http://127.0.0.1:8080";

export default async function (): Promise<void> {
  const id = 1 + Math.floor(Math.random() * 20);
  const page = await http.get(`${shop}/products/${id}`, { tags: { name: "product" } });
  const before = performance.now();
  const product: { price: number } = page.json();
  parsing.add(performance.now() - before);
  itemsSeen.add(1);
  lastPrice.add(product.price);
  cheap.add(product.price < 20);
  price.add(product.price, { shelf: id <= 10 ? "low" : "high" });
}

interface SummaryData {
  metrics: Record<string, { values: Record<string, number> }>;
}

export function handleSummary({ metrics }: SummaryData): Record<string, string> {
  const { values = {} } = metrics["price"] ?? {};
  return {
    stdout: `prices: avg ${values["avg"]?.toFixed(2)}, p(90) ${values["p(90)"]}\n`,
    "prices.json": `${JSON.stringify(values, null, 2)}\n`,
  };
}
