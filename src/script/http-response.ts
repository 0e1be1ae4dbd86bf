/**
 * A response as scripts see it. Headers and body are decoded when they are first touched, so a script that only
 * looks at the status pays for nothing else.
 */
import { decodeBody, selectJson } from "./body.ts";
import { notDecompressed, type RequestFailure } from "./error-codes.ts";
import type { Exchange } from "./exchange.ts";
import { canonicalName, headerOf, headersOf, pairsOf } from "./headers.ts";
import type { Response, ResponseCookie, ResponseType, SentRequest, Timings } from "./http-types.ts";
import { responseCookies } from "./set-cookie.ts";
import { targetOf } from "./targets.ts";

const ms = (us: number): number => us / 1000;

/** One request as it is sent: the first, or one that a redirect asked for. */
export interface Hop {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
}

export interface ResponseParts {
  readonly exchange: Exchange;
  readonly hop: Hop;
  readonly responseType: ResponseType;
  readonly failure: RequestFailure | undefined;
  readonly errorCode: number;
}

export class HttpResponse implements Response {
  readonly status: number;
  #failure: RequestFailure | undefined;
  readonly #code: number;
  readonly #hop: Hop;
  readonly #exchange: Exchange;
  readonly #type: ResponseType;
  #headers: Record<string, string> | undefined;
  #body: string | Uint8Array | null | undefined;

  constructor(parts: ResponseParts) {
    const { exchange, failure } = parts;
    this.status = failure ? 0 : exchange.status;
    this.#failure = failure;
    this.#code = parts.errorCode;
    this.#hop = parts.hop;
    this.#exchange = exchange;
    this.#type = parts.responseType;
  }

  get url(): string {
    return this.#hop.url;
  }

  get error(): string {
    this.#decodePacked();
    return this.#failure?.message ?? "";
  }

  get error_code(): number {
    this.#decodePacked();
    return this.#failure?.code ?? this.#code;
  }

  get proto(): string {
    return this.#exchange.connection?.proto ?? "HTTP/1.1";
  }
  get remote_ip(): string {
    return this.#exchange.connection?.remoteIp ?? "";
  }
  get remote_port(): number {
    return this.#exchange.connection?.remotePort ?? 0;
  }
  get tls_version(): string {
    return this.#exchange.connection?.tlsVersion ?? "";
  }
  get tls_cipher_suite(): string {
    return this.#exchange.connection?.cipher ?? "";
  }

  get cookies(): Record<string, ResponseCookie[]> {
    const set = pairsOf(this.#exchange.head).filter(([name]) => name === "set-cookie");
    return responseCookies(set.map(([, value]) => value));
  }

  get request(): SentRequest {
    const { method, url, headers, body } = this.#hop;
    const sent: Record<string, string> = {};
    for (let index = 0; index + 1 < headers.length; index += 2) {
      sent[canonicalName(headers[index] ?? "")] = headers[index + 1] ?? "";
    }
    return {
      method,
      url,
      headers: sent,
      body: typeof body === "string" ? body : Buffer.from(body ?? []).toString(),
    };
  }

  get status_text(): string {
    return this.status === 0 ? "" : `${this.status} ${this.#exchange.statusText}`.trimEnd();
  }

  get headers(): Record<string, string> {
    return (this.#headers ??= headersOf(this.#exchange.head));
  }

  get timings(): Timings {
    const { blockedUs, connectingUs, lookingUpUs, tlsUs, sendingUs, waitingUs, receivingUs } = this.#exchange;
    return {
      blocked: ms(blockedUs),
      looking_up: ms(lookingUpUs),
      connecting: ms(connectingUs),
      tls_handshaking: ms(tlsUs),
      sending: ms(sendingUs),
      waiting: ms(waitingUs),
      receiving: ms(receivingUs),
      duration: ms(sendingUs + waitingUs + receivingUs),
    };
  }

  get body(): string | Uint8Array | null {
    if (this.#body === undefined) this.#body = this.#decode();
    return this.#body;
  }

  /** @throws SyntaxError when the body is not JSON; Error when it was discarded */
  // oxlint-disable-next-line typescript/no-explicit-any -- k6's signature: scripts read fields without casts
  json(selector?: string): any {
    const { body } = this;
    if (body === null)
      throw new Error(
        `res.json(): the response of ${targetOf(this.url).shown} has no body (status ${this.status})`,
      );
    const document: unknown = JSON.parse(
      typeof body === "string" ? body : Buffer.from(body).toString("utf8"),
    );
    return selector === undefined ? document : selectJson(document, selector);
  }

  /** @throws Error: pages are not parsed here */
  html(): never {
    throw new Error(
      "res.html() is not supported: parse res.body with an npm package, such as node-html-parser",
    );
  }

  /** @throws Error */
  submitForm(): never {
    throw new Error("res.submitForm() is not supported: http.post(url, { field: value }) sends a form");
  }

  /** @throws Error */
  clickLink(): never {
    throw new Error("res.clickLink() is not supported: http.get(new URL(href, res.url)) follows a link");
  }

  /** Whether a compressed body is what it says is known only once it was decoded. */
  #decodePacked(): void {
    if (this.#body !== undefined || this.#exchange.chunks === undefined) return;
    if (headerOf(this.#exchange.head, "content-encoding") !== undefined) void this.body;
  }

  #decode(): string | Uint8Array | null {
    if (this.#type === "none" || this.status === 0) return null;
    const { chunks, head } = this.#exchange;
    this.#exchange.chunks = undefined;
    try {
      const bytes = decodeBody(chunks ?? [], headerOf(head, "content-encoding"));
      if (this.#type === "binary") return bytes;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    } catch (error) {
      this.#failure = notDecompressed(error as Error);
      return null;
    }
  }
}
