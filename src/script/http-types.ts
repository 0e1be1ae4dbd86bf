/**
 * What a script sees of HTTP: parameters, responses and the `http` object, in k6's names. Types only.
 */

/** How a response body is kept: decoded text, bytes, or not at all. */
export type ResponseType = "text" | "binary" | "none";

/** Body of a request. A plain object is sent as a form (`application/x-www-form-urlencoded`), as in k6. */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | Record<string, string | number | boolean>
  | null
  | undefined;

/** Options of one request. */
export interface Params {
  headers?: Record<string, string>;
  /** Tags of this request's samples; `name` replaces the URL, which keeps the number of series small. */
  tags?: Record<string, string | number | boolean>;
  /** `"30s"`, or a number of milliseconds. Default: the option `requestTimeout`, 60 s. */
  timeout?: string | number;
  /** How many redirects are followed. Default 10. */
  redirects?: number;
  /** Default `"text"`, or `"none"` with the option `discardResponseBodies`. */
  responseType?: ResponseType;
  /** Cookies of this request only. */
  cookies?: Record<string, string>;
}

/** Milliseconds a request spent in each phase; `duration` = sending + waiting + receiving. */
export interface Timings {
  blocked: number;
  connecting: number;
  tls_handshaking: number;
  sending: number;
  waiting: number;
  receiving: number;
  duration: number;
}

/** The request as it was sent last (after redirects). */
export interface SentRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A response. A refused, reset or timed-out request is one too: `status` 0, with `error` and `error_code`. */
export interface Response {
  readonly status: number;
  readonly status_text: string;
  readonly proto: string;
  /** Canonical names (`Content-Type`); lower case works too. Repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, bytes with `responseType: "binary"`, null when bodies are discarded. Decoded on first touch. */
  readonly body: string | Uint8Array | null;
  readonly timings: Timings;
  readonly url: string;
  readonly error: string;
  readonly error_code: number;
  readonly request: SentRequest;
  /** The parsed body, or the part that a dotted path names: `res.json("items.0.id")`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- k6's signature: scripts read fields without casts
  json(selector?: string): any;
}

/** k6's `http`, with every call returning a promise. */
export interface Http {
  get(url: string | URL, params?: Params | null): Promise<Response>;
  head(url: string | URL, params?: Params | null): Promise<Response>;
  post(url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
  put(url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
  patch(url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
  del(url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
  options(url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
  request(method: string, url: string | URL, body?: RequestBody, params?: Params | null): Promise<Response>;
}
