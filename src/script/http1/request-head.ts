/**
 * Request heads as text. Bytes that HTTP forbids are refused before they reach a connection: a header with a line end in
 * it would be a second header, or a second request.
 */
import type { Target } from "../targets.ts";
import type { LaneRequest } from "../lane.ts";

/** A request that HTTP/1.1 cannot carry; undici's code for the same. */
export class InvalidRequest extends Error {
  override name = "InvalidRequest";
  readonly code = "UND_ERR_INVALID_ARG";
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- which characters are forbidden is the point
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;
/** Methods whose requests say how long their body is even when there is none. */
const EXPECT_BODY = new Set(["POST", "PUT", "PATCH"]);
/** Headers that frame the message: the connection's own. k6 passes over them, too. */
const OURS = new Set(["content-length", "transfer-encoding", "keep-alive", "upgrade"]);

/** The headers of a request without those that frame the message, and without the wait for leave to send a body. */
export function unframed(headers: readonly string[]): string[] {
  return headers.filter((_, index) => {
    const name = (headers[index - (index % 2)] as string).toLowerCase();
    return !OURS.has(name) && name !== "expect";
  });
}

/** Length of a body in bytes; -1 when there is none. */
export function bytesOf(body: LaneRequest["body"]): number {
  if (body === null) return -1;
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}

/** The head of a request with this length of body. @throws InvalidRequest */
export function headOf(request: LaneRequest, bodyBytes: number): string {
  const { headers, method, target } = request;
  if (!TOKEN.test(method) || method === "CONNECT") throw new InvalidRequest(`"${method}" is not a method`);
  let host = target.host;
  let connection = "keep-alive";
  let lines = "";
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    if (!TOKEN.test(name)) throw new InvalidRequest(`"${name}" is not the name of a header`);
    if (FORBIDDEN.test(value)) throw new InvalidRequest(`header ${name} has a character that HTTP forbids`);
    const lower = name.toLowerCase();
    if (OURS.has(lower)) continue;
    if (lower === "host") host = value;
    else if (lower === "connection") connection = value;
    else lines += `${name}: ${value}\r\n`;
  }
  if (bodyBytes >= 0) lines += `Content-Length: ${bodyBytes}\r\n`;
  else if (EXPECT_BODY.has(method)) lines += "Content-Length: 0\r\n";
  return `${method} ${target.path} HTTP/1.1\r\nHost: ${host}\r\nConnection: ${connection}\r\n${lines}\r\n`;
}

/** Heads of plain requests, remembered: no body, and only the headers that every request of the worker has. */
export class PlainHeads {
  readonly #headers: readonly string[];
  readonly #byTarget = new WeakMap<Target, Map<string, string>>();

  constructor(headers: readonly string[]) {
    this.#headers = headers;
  }

  /** @throws InvalidRequest */
  headOf(request: LaneRequest, bodyBytes: number): string {
    if (bodyBytes !== -1 || request.headers !== this.#headers) return headOf(request, bodyBytes);
    const { method, target } = request;
    let byMethod = this.#byTarget.get(target);
    if (byMethod === undefined) this.#byTarget.set(target, (byMethod = new Map()));
    let head = byMethod.get(method);
    if (head === undefined) byMethod.set(method, (head = headOf(request, -1)));
    return head;
  }
}
