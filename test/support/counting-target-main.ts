/**
 * A real HTTP target that counts what reaches it: the independent witness of "requests sent = requests received".
 * Runs as a process of its own, imports nothing of Mesh, ends when its stdin closes. First line of output: its URLs.
 *
 * `/delay/<ms>` answers later · `/status/<code>` · `/body/<bytes>` · `/reset` cuts the connection without an answer.
 * Its second port is for the test: GET / gives the counts, POST / sets how the target behaves.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Behaviour {
  /** Added to every answer. */
  delayMs: number;
  /** Cut every new connection. */
  refuse: boolean;
  /** Answer with this, where the path does not say otherwise. */
  status: number;
}

/** Arguments: an address of this host for the control port, and where the target itself listens, if elsewhere. */
const [, , controlHost = "127.0.0.1", host = controlHost, port = "0"] = process.argv;

const behaviour: Behaviour = { delayMs: 0, refuse: false, status: 200 };
const paths = new Map<string, number>();
let [connections, refused, answered, lastAt] = [0, 0, 0, 0];

const target = createServer((request, response) => {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  lastAt = Date.now();
  paths.set(path, (paths.get(path) ?? 0) + 1);
  request.resume().once("end", () => answer(path, request, response));
});
target.keepAliveTimeout = 60_000;
target.on("connection", (socket) => {
  connections++;
  if (!behaviour.refuse) return;
  refused++;
  socket.destroy();
});

function answer(path: string, request: IncomingMessage, response: ServerResponse): void {
  const [, verb, text] = path.split("/");
  const amount = Number(text ?? 0);
  if (verb === "reset") {
    request.socket.destroy();
    return;
  }
  const reply = () => {
    answered++;
    response.writeHead(verb === "status" ? amount : behaviour.status, { "content-type": "text/plain" });
    response.end(verb === "body" ? "x".repeat(amount) : `${path}\n`);
  };
  const delayMs = behaviour.delayMs + (verb === "delay" ? amount : 0);
  if (delayMs === 0) reply();
  else setTimeout(reply, delayMs);
}

const control = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
  request.once("end", () => {
    if (request.method === "POST") Object.assign(behaviour, JSON.parse(body));
    const total = [...paths.values()].reduce((sum, count) => sum + count, 0);
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ total, answered, connections, refused, lastAt, paths: Object.fromEntries(paths) }),
    );
  });
});

const listen = (server: Server, at: string, on: number) =>
  new Promise<string>((resolve) => {
    server.listen(on, at, () => resolve(`http://${at}:${(server.address() as AddressInfo).port}`));
  });

process.stdin.resume().once("close", () => process.exit(0));
const [url, controlUrl] = await Promise.all([
  listen(target, host, Number(port)),
  listen(control, controlHost, 0),
]);
console.log(JSON.stringify({ url, control: controlUrl }));
