/**
 * One HTTP/2 connection of one VU: many exchanges at once, each a stream. It turns what Node tells of streams into what
 * exchanges take, and what ends them into failures with HTTP/2's own codes. It opens no connection itself.
 */
import { STATUS_CODES } from "node:http";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import type * as Http2 from "node:http2";
import { createRequire } from "node:module";
import type { TLSSocket } from "node:tls";
import { type ConnectionFacts, factsOf } from "../connection-facts.ts";
import { Http2Failure } from "../error-codes.ts";
import type { Exchange } from "../exchange.ts";
import type { LaneRequest } from "../lane.ts";

const require = createRequire(import.meta.url);

const NO_ERROR = 0;
const CANCEL = 8;
/** Headers of HTTP/1.1's connections, which HTTP/2 forbids; its own says the host. */
const FORBIDDEN = new Set(
  "connection keep-alive proxy-connection transfer-encoding upgrade host content-length".split(" "),
);

export class Http2Session {
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #facts: ConnectionFacts;
  #goaway: number | undefined;
  #failure: Error | undefined;
  #lanes = 0;
  #read = 0;
  #written = 0;

  /** @param socket shaken hands for `h2` */
  constructor(origin: string, socket: TLSSocket) {
    const { connect } = require("node:http2") as typeof Http2;
    this.#socket = socket;
    this.#facts = factsOf(socket, "HTTP/2.0");
    this.#session = connect(origin, { createConnection: () => socket, settings: { enablePush: false } });
    this.#session.on("goaway", (code) => (this.#goaway = code));
    this.#session.on("error", (error) => (this.#failure ??= error));
  }

  /** False once it takes no new streams. */
  get usable(): boolean {
    return this.#goaway === undefined && !this.#session.closed && !this.#session.destroyed;
  }

  join(): void {
    this.#lanes++;
  }

  /** The last lane that leaves closes the connection. */
  leave(): void {
    if (--this.#lanes > 0) return;
    this.#session.destroy();
    this.#socket.destroy();
  }

  /** Bytes since the last call, of all exchanges. */
  takeBytes(add: (sent: number, received: number) => void): void {
    const { bytesRead, bytesWritten } = this.#socket;
    add(bytesWritten - this.#written, bytesRead - this.#read);
    this.#read = bytesRead;
    this.#written = bytesWritten;
  }

  /** Begins an exchange. @returns gives it up, quietly */
  send(request: LaneRequest, exchange: Exchange): () => void {
    exchange.connection = this.#facts;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(headersOf(request), { endStream: request.body === null });
    } catch (error) {
      exchange.fail(error as Error);
      return () => undefined;
    }
    this.#listen(stream, exchange);
    if (request.body === null) exchange.wasSent();
    else stream.end(request.body, () => exchange.wasSent());
    return () => stream.close(CANCEL);
  }

  #listen(stream: ClientHttp2Stream, exchange: Exchange): void {
    let isWhole = false;
    let problem: Error | undefined;
    stream.on("response", (headers, _flags, rawHeaders) => {
      exchange.firstByte();
      const status = headers[":status"] ?? 0;
      const raw = (rawHeaders as unknown as string[] | undefined) ?? [];
      exchange.takeRawHead(status, STATUS_CODES[status] ?? "", withoutPseudo(raw));
    });
    stream.on("data", (chunk: Buffer) => exchange.takeChunk(chunk));
    stream.once("end", () => (isWhole = true));
    stream.on("error", (error) => (problem ??= error));
    stream.once("close", () => {
      if (isWhole && problem === undefined && exchange.status !== 0) exchange.end();
      else exchange.fail(this.#failureOf(stream.rstCode ?? NO_ERROR, problem));
    });
  }

  /** The widest cause first: the socket, the whole session, then the stream alone. */
  #failureOf(rstCode: number, problem: Error | undefined): Error {
    const cause = this.#failure ?? problem;
    const code = cause && "code" in cause ? String(cause.code) : "";
    const message = cause?.message ?? "";
    if (this.#failure !== undefined && !code.startsWith("ERR_HTTP2")) return this.#failure;
    if (this.#goaway !== undefined && this.#goaway !== NO_ERROR)
      return new Http2Failure("goaway", this.#goaway, nameOf(this.#goaway));
    if (code === "ERR_HTTP2_ERROR" || code === "ERR_HTTP2_SESSION_ERROR")
      return new Http2Failure("connection", codeIn(message), message);
    if (rstCode !== NO_ERROR && rstCode !== CANCEL)
      return new Http2Failure("stream", rstCode, nameOf(rstCode));
    const closed = Object.assign(new Error("the other side closed the connection"), {
      code: "UND_ERR_SOCKET",
    });
    return this.#session.destroyed || problem === undefined ? closed : problem;
  }
}

function headersOf({ body, headers, method, target }: LaneRequest): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {
    ":method": method,
    ":path": target.path,
    ":scheme": "https",
    ":authority": target.host,
  };
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const value = headers[index + 1] as string;
    if (name === "host") all[":authority"] = value;
    if (FORBIDDEN.has(name)) continue;
    const before = all[name];
    all[name] = before === undefined ? value : [before, value].flat();
  }
  if (body !== null) all["content-length"] = String(Buffer.byteLength(body));
  return all;
}

function withoutPseudo(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    if (!name.startsWith(":")) kept.push(name, raw[index + 1] as string);
  }
  return kept;
}

/** RFC 9113, section 7. */
const NAMES = [
  "NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR",
  "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED",
].flatMap((names) => names.split(" "));

const nameOf = (code: number): string => NAMES[code] ?? `code ${code}`;

/** The code that a message of Node speaks of; -1 for none. */
function codeIn(message: string): number {
  if (message === "Protocol error") return NAMES.indexOf("PROTOCOL_ERROR");
  return NAMES.indexOf(/NGHTTP2_(\w+)/.exec(message)?.[1] ?? "");
}
