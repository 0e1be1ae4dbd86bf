/**
 * Responses as bytes for the differential fuzzer: from HTTP/1.1's grammar, then damaged, then split. A server that sends
 * exactly what it is told, and both clients asked for it: ours, and undici as the oracle.
 */
import { createServer, type AddressInfo, type Server } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Client } from "undici";
import { onTestFinished } from "vitest";
import { Exchange } from "../../../src/script/exchange.ts";
import { pairsOf } from "../../../src/script/headers.ts";
import { AddressRules } from "../../../src/script/connect/address-rules.ts";
import { TlsRules } from "../../../src/script/connect/tls-rules.ts";
import { laneOpeners } from "../../../src/script/open-lane.ts";
import { targetOf } from "../../../src/script/targets.ts";
import { between, pick, type Random } from "../../property/random.ts";

export interface RawAnswer {
  readonly method: "GET" | "HEAD" | "POST";
  /** Sent in these parts, a turn of the event loop between them; then the server closes. */
  readonly parts: readonly Buffer[];
}

/** What a client made of it. */
export type Outcome =
  | { readonly status: number; readonly headers: readonly string[]; readonly body: string }
  | "failed";

const statuses = [
  "200 OK",
  "200 ",
  "204 No Content",
  "304 Not Modified",
  "404 Not Found",
  "302 Found",
  "500 Oh no",
];
/** Not 100: undici takes it for an error unless it asked for it. */
const interims = ["HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"];
const plainHeaders = [
  "Content-Type: text/plain",
  "Set-Cookie: a=1; Path=/",
  "X-Empty:",
  "x-padded:   \t two words \t",
  "Connection: close",
  "Connection: keep-alive",
  "Keep-Alive: timeout=5",
  "X-Latin: caf\xe9",
  "Vary: a, b",
];
const chunkEnds = ["0\r\n\r\n", "0\r\nX-Trailer: yes\r\n\r\n", "000\r\n\r\n", "0;last=1\r\n\r\n"];

function chunked(random: Random): string {
  const chunks = Array.from({ length: between(random, 0, 4) }, () => "x".repeat(between(random, 1, 40)));
  const size = (text: string) => `${text.length.toString(16)}${random() < 0.2 ? ";name=value" : ""}`;
  return chunks.map((chunk) => `${size(chunk)}\r\n${chunk}\r\n`).join("") + pick(random, chunkEnds);
}

/** A response that a server might send. */
function response(random: Random): string {
  const headers = Array.from({ length: between(random, 0, 4) }, () => pick(random, plainHeaders));
  const body = "b".repeat(between(random, 0, 200));
  const framing = pick(random, ["length", "length", "chunked", "close", "both", "none"] as const);
  if (framing === "length" || framing === "both") headers.push(`Content-Length: ${body.length}`);
  if (framing === "chunked" || framing === "both") headers.push("Transfer-Encoding: chunked");
  const lines = headers.map((line) => `${line}\r\n`).join("");
  const interim = random() < 0.15 ? pick(random, interims) : "";
  const version = random() < 0.1 ? "HTTP/1.0" : "HTTP/1.1";
  const content =
    framing === "chunked" || framing === "both" ? chunked(random) : framing === "none" ? "" : body;
  return `${interim}${version} ${pick(random, statuses)}\r\n${lines}\r\n${content}`;
}

const garbage = [
  "\r\n",
  "\n",
  "\0",
  ":",
  " ",
  "HTTP/1.1 200 OK\r\n\r\n",
  "0",
  "GET / HTTP/1.1\r\n\r\n",
  "\x7f",
  ";",
];

/** One small damage at a random place. */
function damaged(random: Random, text: string): string {
  const at = between(random, 0, text.length);
  const rest = text.slice(at);
  switch (pick(random, ["cut", "insert", "remove", "double", "flip"] as const)) {
    case "cut":
      return text.slice(0, at);
    case "insert":
      return `${text.slice(0, at)}${pick(random, garbage)}${rest}`;
    case "remove":
      return `${text.slice(0, at)}${rest.slice(between(random, 1, 4))}`;
    case "double":
      return `${text.slice(0, at)}${rest.slice(0, 12)}${rest}`;
    case "flip":
      return `${text.slice(0, at)}${String.fromCharCode(between(random, 0, 255))}${rest.slice(1)}`;
  }
}

function split(random: Random, bytes: Buffer): Buffer[] {
  if (random() < 0.3 || bytes.length === 0) return [bytes];
  if (random() < 0.1) {
    const single = Array.from({ length: Math.min(300, bytes.length) }, (_, at) => bytes.subarray(at, at + 1));
    return [...single, bytes.subarray(300)];
  }
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = from + between(random, 1, Math.max(1, bytes.length - from));
    parts.push(bytes.subarray(from, to));
    from = to;
  }
  return parts;
}

export function rawAnswer(random: Random): RawAnswer {
  let text = response(random);
  if (random() < 0.6) text = damaged(random, text);
  if (random() < 0.1) text += pick(random, garbage);
  const method = pick(random, ["GET", "GET", "GET", "HEAD", "POST"] as const);
  return { method, parts: split(random, Buffer.from(text, "latin1")).filter(({ length }) => length > 0) };
}

/** A server that sends the answer of the path `/n` to whoever asks for it. */
export async function serve(answers: readonly RawAnswer[]): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.setNoDelay(true).on("error", () => socket.destroy());
    socket.once("data", (head) => {
      const answer = answers[Number(/ \/(\d+) /.exec(head.toString("latin1"))?.[1])];
      void send(answer?.parts ?? []).then(() => socket.end());
    });
    const send = async (parts: readonly Buffer[]): Promise<void> => {
      for (const part of parts) {
        if (socket.destroyed) return;
        socket.write(part);
        await turn();
      }
    };
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clock = { nowUs: () => Math.floor(performance.now() * 1000) };
const dial = { clock, addresses: new AddressRules({}), tls: new TlsRules({}, true) };
const open = laneOpeners({ clock, reuse: true, dial, plainHeaders: [] })();

/** Our client's outcome. */
export function byMesh(url: string, method: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const target = targetOf(url);
    const lane = open(target);
    const exchange = new Exchange(clock, true, (ended) => {
      if (ended.error) return resolve("failed");
      const headers = pairsOf(ended.head).map(([name, value]) => `${name}: ${value}`);
      const body = Buffer.concat(ended.chunks ?? []).toString("latin1");
      lane.destroy(new Error("asked once"));
      resolve({ status: ended.status, headers, body });
    });
    lane.dispatch({ method, target, headers: [], body: method === "POST" ? "p" : null }, exchange);
  });
}

/** undici's. */
export async function byUndici(url: string, method: "GET" | "HEAD" | "POST"): Promise<Outcome> {
  const { origin, pathname } = new URL(url);
  const client = new Client(origin);
  try {
    const body = method === "POST" ? "p" : null;
    const answer = await client.request({ path: pathname, method, body, responseHeaders: "raw" });
    const raw = answer.headers as unknown as string[];
    // It keeps spaces behind values, which HTTP says are not part of them.
    const headers = pairsOf(raw).map(([name, value]) => `${name}: ${value.trim()}`);
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers, body: bytes.toString("latin1") };
  } catch {
    return "failed";
  } finally {
    await client.destroy();
  }
}
