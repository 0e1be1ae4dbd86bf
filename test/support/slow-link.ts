/**
 * A TCP link to a server that can become slow: what the client sends arrives later, in order, as over a bad line. The
 * delay grows by `step` of the time that passes, so that nothing that is said regularly ever pauses for long.
 */
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

export interface SlowLink extends AsyncDisposable {
  readonly url: string;
  /** From now on what is sent arrives up to `delayMs` later; how much more per second of time is `step` (0.5: half). */
  readonly slowDown: (delayMs: number, step?: number) => void;
}

interface Slowness {
  readonly sinceMs: number;
  readonly delayMs: number;
  readonly step: number;
}

/** A link to `nats://host:port`. */
export async function startSlowLink(to: string): Promise<SlowLink> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let slow: Slowness = { sinceMs: 0, delayMs: 0, step: 0 };
  const arrivesAfter = () => Math.min(slow.delayMs, (performance.now() - slow.sinceMs) * slow.step);
  const server = createServer((client) => {
    const upstream = createConnection({ host: hostname, port: Number(port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    const pass = inOrder((bytes) => upstream.write(bytes));
    client.on("data", (bytes) => pass(bytes, performance.now() + arrivesAfter()));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    slowDown: (delayMs, step = 0.5) => (slow = { sinceMs: performance.now(), delayMs, step }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Hands on what waits, each at its time but never before what came before it. */
function inOrder(write: (bytes: Buffer) => void): (bytes: Buffer, atMs: number) => void {
  const waiting: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  const drain = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const leftMs = next.atMs - performance.now();
      if (leftMs > 0) return void setTimeout(drain, leftMs).unref();
      write(next.bytes);
      waiting.shift();
    }
  };
  return (bytes, atMs) => {
    waiting.push({ bytes, atMs });
    if (waiting.length === 1) drain();
  };
}
