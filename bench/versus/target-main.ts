/**
 * The smallest HTTP/1.1 target that is still one: a bare socket server with a fixed answer, so that the generator and
 * not the target is measured. It counts what it answers, and how busy it was. Node's own http server costs two to
 * three times as much CPU per request; nginx costs a quarter less, but would have to be installed and asked for its
 * count over HTTP. Where this is too slow, its busy share says so. It ends with its parent.
 */
import { type AddressInfo, createServer } from "node:net";

const body = "ok";
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const end = Buffer.from("\r\n\r\n");

const none = () => ({ requests: 0, connections: 0, firstMs: 0, lastMs: 0, cpu: process.cpuUsage() });
let seen = none();

function count(requests: number): void {
  seen.lastMs = performance.now();
  if (seen.requests === 0) seen.firstMs = seen.lastMs;
  seen.requests += requests;
}

const server = createServer((socket) => {
  seen.connections += 1;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let requests = 0;
    for (let at = data.indexOf(end); at >= 0; at = data.indexOf(end, from)) {
      from = at + end.length;
      requests += 1;
    }
    rest = from === data.length ? Buffer.alloc(0) : data.subarray(from);
    if (requests === 0) return;
    count(requests);
    socket.write(requests === 1 ? answer : Buffer.concat(Array.from({ length: requests }, () => answer)));
  });
});

/** Every message is the question what was seen since the last one. */
process.on("message", () => {
  const { requests, connections, firstMs, lastMs, cpu } = seen;
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({
    requests,
    connections,
    seconds: (lastMs - firstMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
  });
  seen = none();
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
