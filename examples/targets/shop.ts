/**
 * The small shop that `quickstart.ts` tests: a plain HTTP server on loopback. It prints its URL, and ends when its
 * stdin closes, so it cannot outlive the command that started it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const products = Array.from({ length: 20 }, (_, index) => ({
  id: index + 1,
  name: `Product ${index + 1}`,
  price: 5 + ((index * 7) % 40),
}));

const token = "let-me-in";

type Reply = readonly [status: number, body: unknown];

function shop(request: IncomingMessage): Reply {
  const { method, url = "/" } = request;
  const product = /^\/products\/(\d+)$/.exec(url);
  if (product) {
    const found = products.find(({ id }) => id === Number(product[1]));
    return found ? [200, found] : [404, { error: "no such product" }];
  }
  if (url === "/products") return [200, products];
  if (method === "POST" && url === "/login") return [200, { token }];
  if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: "who are you?" }];
  if (method === "POST" && url === "/orders") return [201, { accepted: true }];
  if (method === "POST" && url === "/logout") return [200, { bye: true }];
  return [404, { error: "no such page" }];
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  // Bodies are read to their end before the answer, as a real server would.
  request.resume().once("end", () => {
    const [status, body] = shop(request);
    // A few milliseconds of work, so that there is something to measure.
    setTimeout(() => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }, 2);
  });
}

const server = createServer(answer).listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.stdin.resume().once("end", () => process.exit(0));
// Ctrl-C reaches the whole terminal; the load must end before its target does.
process.on("SIGINT", () => undefined);
