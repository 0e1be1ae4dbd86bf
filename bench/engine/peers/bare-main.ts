/**
 * What a core can send in Node without anything around it, as a program: `undici` (one client per connection, dispatch,
 * body read and forgotten) or `sockets` (a write, and a search for the end of the answer's head in what comes back).
 * Nothing is checked but the status, nothing recorded but a count and a coarse latency. Prints one line of JSON.
 *
 *     node bare-main.ts undici|sockets http://127.0.0.1:8080 50 10
 */
import { connect } from "node:net";
import { Client, type Dispatcher } from "undici";

const [kind = "", url = "", connections = "1", seconds = "1"] = process.argv.slice(2);
const target = new URL(url);
const endMs = performance.now() + Number(seconds) * 1000;
/** Counts by a tenth of a millisecond, the last one for everything slower. */
const latencies = new Uint32Array(10_000);
const seen = { requests: 0, failed: 0 };

function count(startMs: number, status: number): void {
  const nowMs = performance.now();
  seen.requests += 1;
  if (status !== 200) seen.failed += 1;
  const tenth = Math.min(latencies.length - 1, Math.floor((nowMs - startMs) * 10));
  latencies[tenth] = (latencies[tenth] as number) + 1;
}

function undiciLoop(): Promise<void> {
  const client = new Client(target.origin, { pipelining: 1 });
  return new Promise((resolve, reject) => {
    let startMs = 0;
    let status = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => (status = code),
      onResponseData: () => undefined,
      onResponseEnd: () => {
        count(startMs, status);
        if (performance.now() < endMs) send();
        else client.close().then(resolve, reject);
      },
      onResponseError: (_controller, error) => reject(error),
    };
    const send = (): void => {
      startMs = performance.now();
      client.dispatch({ path: "/", method: "GET" }, handler);
    };
    send();
  });
}

function socketLoop(): Promise<void> {
  const request = `GET / HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`;
  const socket = connect(Number(target.port), target.hostname);
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    let startMs = 0;
    const send = (): void => {
      startMs = performance.now();
      socket.write(request, "latin1");
    };
    socket
      .once("connect", send)
      .once("error", reject)
      .once("close", () => resolve());
    socket.on("data", (chunk) => {
      // The target's answer is small and comes in one piece.
      if (!chunk.includes("\r\n\r\n")) return;
      count(startMs, (chunk[9] as number) * 100 + (chunk[10] as number) * 10 + (chunk[11] as number) - 5328);
      if (performance.now() < endMs) send();
      else socket.end();
    });
  });
}

function percentileMs(percent: number): number {
  let left = (percent / 100) * seen.requests;
  return (latencies.findIndex((each) => (left -= each) <= 0) + 1) / 10;
}

const loop = { undici: undiciLoop, sockets: socketLoop }[kind];
if (loop === undefined) throw new Error(`undici or sockets, not ${kind}`);
const beganMs = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, loop));
console.log(
  JSON.stringify({ ...seen, seconds: (performance.now() - beganMs) / 1000, p99Ms: percentileMs(99) }),
);
