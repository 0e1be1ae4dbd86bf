/** Ports in a row that are free on loopback: servers of a cluster take one after the other. */
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range from which the system hands out ports by itself. */
const [FROM, TO] = [20_000, 32_000];
const TRIES = 50;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const how = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  if (how) await new Promise((resolve) => server.close(resolve));
  return how;
}

/** The first of so many. */
export async function freePorts(count: number): Promise<number> {
  for (let left = TRIES; left > 0; left--) {
    const first = FROM + Math.floor(Math.random() * (TO - FROM - count));
    const each = await Promise.all(Array.from({ length: count }, (_, n) => isFree(first + n)));
    if (each.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}
