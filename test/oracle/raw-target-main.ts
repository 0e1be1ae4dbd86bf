/**
 * An oracle: a real HTTP target that draws a heavy-tailed value for every request, writes it to its log, and only then
 * answers with it. Runs as a process of its own and imports nothing of Mesh. `node raw-target-main.ts LOGFILE SEED`;
 * ends when its stdin closes. First line of output: its URL.
 *
 * `GET /sample` → a number of milliseconds with three decimals, as text; the log has the same in whole µs, one per line.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [, , logFile = "", seed = "1"] = process.argv;
const log = openSync(logFile, "wx");

/** mulberry32: small, seeded, good enough for a distribution. */
let state = Number(seed) >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** Pareto with a shape of 1.1 from 0.2 ms on: its mean is hardly finite, its tail reaches minutes. Whole µs. */
const heavyTailed = (): number => Math.min(1e9, Math.round(200 / (1 - random()) ** (1 / 1.1)));

const target = createServer((_request, response) => {
  const us = heavyTailed();
  writeSync(log, `${us}\n`);
  response.end((us / 1000).toFixed(3));
});
target.keepAliveTimeout = 60_000;
process.stdin.resume().once("close", () => {
  closeSync(log);
  process.exit(0);
});
target.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
});
