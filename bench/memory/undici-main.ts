/**
 * Bare undici as sleeping users: a client each, which sends, reads its answer and sleeps. It ends with its parent.
 *
 *     node undici-main.ts 2000 http://127.0.0.1:8080 …
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "undici";
import { SLEEP_S } from "./sleepers.ts";

const [vus = "1", ...urls] = process.argv.slice(2);
const parent = process.ppid;

async function user(number: number): Promise<void> {
  const client = new Client(urls[number % urls.length] ?? "", { pipelining: 1, keepAliveTimeout: 90_000 });
  await pause(Math.random() * SLEEP_S * 1000);
  while (process.ppid === parent) {
    const { body } = await client.request({ path: "/", method: "GET" });
    await body.dump();
    await pause(SLEEP_S * (0.5 + Math.random()) * 1000);
  }
}

await Promise.all(Array.from({ length: Number(vus) }, (_, number) => user(number)));
