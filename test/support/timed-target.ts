/**
 * A target on loopback that remembers when each request came, for tests of rates. It notices its own standstills: what came
 * meanwhile is seen at once, and says nothing of the pace at which it was sent.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface TimedTarget extends AsyncDisposable {
  readonly url: string;
  readonly total: () => number;
  /** The most that came within any second. */
  readonly mostPerSecond: () => number;
  /** The most that may have come within a second at a rate, by what is known of standstills here. */
  readonly mostAt: (perSecond: number) => number;
}

const LOOK_EVERY_MS = 5;

export async function startTimedTarget(
  answer: RequestListener = (_request, response) => void response.end("ok"),
): Promise<TimedTarget> {
  const atMs: number[] = [];
  let [lookedMs, stallMs] = [performance.now(), 0];
  const looks = setInterval(() => {
    const nowMs = performance.now();
    stallMs = Math.max(stallMs, nowMs - lookedMs);
    lookedMs = nowMs;
  }, LOOK_EVERY_MS);
  const server = createServer((request, response) => {
    atMs.push(performance.now());
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    total: () => atMs.length,
    mostPerSecond: () =>
      Math.max(0, ...atMs.map((from) => atMs.filter((at) => at >= from && at < from + 1000).length)),
    mostAt: (perSecond) => Math.ceil(perSecond * (1 + stallMs / 1000)),
    [Symbol.asyncDispose]: async () => {
      clearInterval(looks);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
