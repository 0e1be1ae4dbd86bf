/**
 * What a script sees of HTTP: parameters, responses and the `http` object, in k6's names. Types only.
 */

/** How a response body is kept: decoded text, bytes, or not at all. */
export type ResponseType = "text" | "binary" | "none";

/** What `http.file` makes: a file in a multipart body. */
export interface FileData {
  readonly data: string | Uint8Array;
  readonly filename: string;
  readonly content_type: string;
}

type Field = string | number | boolean | FileData;

/**
 * Body of a request. A plain object is sent as a form (`application/x-www-form-urlencoded`), and as `multipart/form-data`
 * when `http.file(…)` is in it, as in k6; lists repeat their field.
 */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | DataView
  | URLSearchParams
  | Blob
  | FormData
  | FileData
  | { readonly [field: string]: Field | readonly Field[] }
  | null
  | undefined;

/** A range of statuses, both ends in it. */
export interface StatusRange {
  readonly min: number;
  readonly max: number;
}

/** What `http.expectedStatuses` makes. */
export interface ExpectedStatuses {
  has(status: number): boolean;
}

/** What ``http.url`…` `` makes: a URL with the name that its samples have. */
export interface HttpUrl {
  readonly url: string;
  readonly name: string;
}

/** Whatever may be given as a URL. */
export type RequestUrl = string | URL | HttpUrl;

/** A cookie of one request; with `replace` it is sent instead of the jar's, else beside it. */
export interface RequestCookie {
  readonly value: string;
  readonly replace?: boolean;
}

/** Attributes of a cookie that a script keeps. */
export interface CookieOptions {
  readonly domain?: string;
  readonly path?: string;
  /** A date as text. */
  readonly expires?: string;
  /** Seconds. */
  readonly max_age?: number;
  readonly secure?: boolean;
  readonly http_only?: boolean;
}

/** Cookies: the VU's own (`http.cookieJar()`), or a jar of the script's (`new http.CookieJar()`). */
export interface ScriptCookieJar {
  /** Values by name of the cookies that a request to this URL would carry. */
  cookiesForURL(url: string | URL): Record<string, string[]>;
  /** @returns false when this URL may not have such a cookie */
  set(url: string | URL, name: string, value: string, options?: CookieOptions): boolean;
  /** Forgets the cookies of this URL. */
  clear(url: string | URL): void;
  delete(url: string | URL, name: string): void;
}

/** A cookie that a response set. */
export interface ResponseCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly http_only: boolean;
  readonly secure: boolean;
  /** Seconds; 0 when it was not given. */
  readonly max_age: number;
  /** ms since the epoch; 0 when it was not given. */
  readonly expires: number;
}

/** Options of one request. */
export interface Params {
  headers?: Record<string, string>;
  /** Tags of this request's samples; `name` replaces the URL, which keeps the number of series small. */
  tags?: Record<string, string | number | boolean>;
  /** `"30s"`, or a number of milliseconds. Default: the option `requestTimeout`, 60 s. */
  timeout?: string | number;
  /** How many redirects are followed. Default: the option `maxRedirects`, 10. */
  redirects?: number;
  /** Default `"text"`, or `"none"` with the option `discardResponseBodies`. */
  responseType?: ResponseType;
  /** Cookies of this request only. */
  cookies?: Record<string, string | RequestCookie>;
  /** The jar to take cookies from and keep them in, instead of the VU's. */
  jar?: ScriptCookieJar | null;
  /** `"gzip"`, `"deflate"`, `"br"`, `"zstd"`, or several: `"gzip, br"`. */
  compression?: string;
  /** The user and password stand in the URL. `"basic"` needs no word. */
  auth?: "basic" | "digest";
  /** Statuses that are no failure: `http.expectedStatuses(404)`; null measures no failure at all. */
  responseCallback?: ExpectedStatuses | null;
  /** Whether a request that got no response throws. Default: the option `throw`, false. */
  throw?: boolean;
}

/** Milliseconds a request spent in each phase; `duration` = sending + waiting + receiving. */
export interface Timings {
  blocked: number;
  looking_up: number;
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
  /** `HTTP/1.1` or `HTTP/2.0`. */
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
  /** What this response set, by name. */
  readonly cookies: Readonly<Record<string, readonly ResponseCookie[]>>;
  /** Address and port of the other side; "" and 0 when there was no connection. */
  readonly remote_ip: string;
  readonly remote_port: number;
  /** `tls1.2`, `tls1.3`; "" without TLS. */
  readonly tls_version: string;
  readonly tls_cipher_suite: string;
  /** The parsed body, or the part that a dotted path names: `res.json("items.0.id")`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- k6's signature: scripts read fields without casts
  json(selector?: string): any;
}

/** One request of a batch: a URL, or all parts of it. */
export type BatchRequest =
  | RequestUrl
  | readonly [method: string, url: RequestUrl, body?: RequestBody, params?: Params | null]
  | {
      readonly method?: string;
      readonly url: RequestUrl;
      readonly body?: RequestBody;
      readonly params?: Params | null;
    };

/** k6's `http`, with every call returning a promise. */
export interface Http {
  get(url: RequestUrl, params?: Params | null): Promise<Response>;
  head(url: RequestUrl, params?: Params | null): Promise<Response>;
  post(url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  put(url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  patch(url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  del(url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  options(url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  request(method: string, url: RequestUrl, body?: RequestBody, params?: Params | null): Promise<Response>;
  /** The same as `request`. */
  asyncRequest(
    method: string,
    url: RequestUrl,
    body?: RequestBody,
    params?: Params | null,
  ): Promise<Response>;
  /** Many requests at once, within the options `batch` and `batchPerHost`; the answers have the same shape. */
  batch<T extends readonly BatchRequest[] | Readonly<Record<string, BatchRequest>>>(
    requests: T,
  ): Promise<{ -readonly [K in keyof T]: Response }>;
  /** A file in a multipart body. */
  file(data: string | Uint8Array | ArrayBuffer, filename?: string, contentType?: string): FileData;
  /** A URL whose samples are named by the template: ``http.url`https://shop.test/products/${id}` ``. */
  url(strings: TemplateStringsArray, ...values: readonly unknown[]): HttpUrl;
  /** The jar of this VU, which is emptied before each iteration. */
  cookieJar(): ScriptCookieJar;
  readonly CookieJar: new () => ScriptCookieJar;
  expectedStatuses(...statuses: readonly (number | StatusRange)[]): ExpectedStatuses;
  /** Statuses that are no failure, from now on in this VU; null measures no failures. */
  setResponseCallback(callback: ExpectedStatuses | null): void;
}
