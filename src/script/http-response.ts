/**
 * A response as scripts see it. Headers and body are decoded when they are first touched, so a script that only
 * looks at the status pays for nothing else.
 */
import { decodeBody, selectJson } from "./body.ts";
import type { RequestFailure } from "./error-codes.ts";
import type { Exchange } from "./exchange.ts";
import { canonicalName, headerOf, headersOf } from "./headers.ts";
import type { Response, ResponseType, SentRequest, Timings } from "./http-types.ts";

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
  readonly error: string;
  readonly error_code: number;
  readonly proto = "HTTP/1.1";
  readonly #hop: Hop;
  readonly #exchange: Exchange;
  readonly #type: ResponseType;
  #headers: Record<string, string> | undefined;
  #body: string | Uint8Array | null | undefined;

  constructor(parts: ResponseParts) {
    const { exchange, failure } = parts;
    this.status = failure ? 0 : exchange.status;
    this.error = failure ? failure.message : "";
    this.error_code = parts.errorCode;
    this.#hop = parts.hop;
    this.#exchange = exchange;
    this.#type = parts.responseType;
  }

  get url(): string {
    return this.#hop.url;
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
    const { blockedUs, connectingUs, tlsUs, sendingUs, waitingUs, receivingUs } = this.#exchange;
    return {
      blocked: ms(blockedUs),
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
      throw new Error(`res.json(): the response of ${this.url} has no body (status ${this.status})`);
    const document: unknown = JSON.parse(
      typeof body === "string" ? body : Buffer.from(body).toString("utf8"),
    );
    return selector === undefined ? document : selectJson(document, selector);
  }

  #decode(): string | Uint8Array | null {
    if (this.#type === "none" || this.status === 0) return null;
    const { chunks, head } = this.#exchange;
    const bytes = decodeBody(chunks ?? [], headerOf(head, "content-encoding"));
    this.#exchange.chunks = undefined;
    return this.#type === "binary"
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  }
}
