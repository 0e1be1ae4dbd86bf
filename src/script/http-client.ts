/**
 * The HTTP client of one VU: its own connections and cookies, redirects, timeouts, and the samples of every hop.
 * A request that is refused, reset or times out is a measurement and gives a response; only a mistake of the
 * script (a URL that is none) throws.
 */
import { encodeBody } from "./body.ts";
import { codeOfStatus, failureOf, RequestTimeout } from "./error-codes.ts";
import { Exchange } from "./exchange.ts";
import { hasSetCookie, pairsOf } from "./headers.ts";
import { recordExchange } from "./http-series.ts";
import { type Hop, HttpResponse } from "./http-response.ts";
import type { Params, RequestBody, Response, ResponseType } from "./http-types.ts";
import { redirectOf, splitName, timeoutOf } from "./request-rules.ts";
import { type connectorOf, Lane, type LaneSettings } from "./lane.ts";
import type { TagScope } from "./tag-scope.ts";
import { type Target, targetOf } from "./targets.ts";
import type { VuState } from "./vu-state.ts";

/** k6's default. */
const REDIRECTS_MAX = 10;

/** What lanes of all VUs of a worker share. */
export interface Connections {
  readonly settings: LaneSettings;
  readonly connector: ReturnType<typeof connectorOf>;
}

/** One call of the script, which may take several hops. */
interface Call {
  readonly epoch: number;
  readonly scope: TagScope;
  readonly name: string | undefined;
  readonly timeoutMs: number;
  readonly deadlineUs: number;
  readonly responseType: ResponseType;
  readonly cookies: Record<string, string> | undefined;
}

interface Answer {
  readonly exchange: Exchange;
  readonly response: HttpResponse;
}

export class HttpClient {
  readonly #vu: VuState;
  readonly #connections: Connections;
  readonly #idle = new Map<string, Lane[]>();
  readonly #busy = new Set<Lane>();

  constructor(vu: VuState, connections: Connections) {
    this.#vu = vu;
    this.#connections = connections;
  }

  /** @throws TypeError for a URL or timeout that is none */
  async request(
    method: string,
    url: string | URL,
    body: RequestBody,
    params: Params | null | undefined,
  ): Promise<Response> {
    const vu = this.#vu;
    vu.needRun(`http.${method.toLowerCase()}`);
    const first = targetOf(typeof url === "string" ? url : url.href);
    const call = this.#call(params);
    const token = vu.inFlight.begin();
    try {
      return await this.#follow(call, first, method, body, params);
    } finally {
      if (vu.epoch === call.epoch) vu.inFlight.end(token);
    }
  }

  /** Closes every connection; requests under way are cut. */
  close(reason: Error): void {
    // The exchange is ended here, at once: a destroyed client tells it only later, after the ledger was closed.
    for (const lane of this.#busy) {
      lane.current?.onResponseError(undefined, reason);
      lane.destroy(reason);
    }
    for (const lanes of this.#idle.values()) for (const lane of lanes) lane.destroy(reason);
    this.#busy.clear();
    this.#idle.clear();
  }

  #call(params: Params | null | undefined): Call {
    const vu = this.#vu;
    const { settings } = vu;
    const { name, own } = splitName(params?.tags);
    const timeoutMs = timeoutOf(params, settings.requestTimeoutMs);
    return {
      epoch: vu.epoch,
      scope: vu.scope.with(own),
      name,
      timeoutMs,
      deadlineUs: vu.sink.nowUs() + timeoutMs * 1000,
      responseType: params?.responseType ?? (settings.discardResponseBodies ? "none" : "text"),
      cookies: params?.cookies,
    };
  }

  async #follow(
    call: Call,
    first: Target,
    firstMethod: string,
    firstBody: RequestBody,
    params: Params | null | undefined,
  ): Promise<Response> {
    let { bytes: body, contentType } = encodeBody(firstBody);
    let method = firstMethod.toUpperCase();
    let target = first;
    for (let left = params?.redirects ?? REDIRECTS_MAX; ; left--) {
      const headers = this.#headers(
        call,
        target,
        params?.headers,
        contentType,
        target.url.host === first.url.host,
      );
      const hop: Hop = { method, url: target.url.href, headers, body };
      const { exchange, response } = await this.#exchange(call, target, hop);
      const next = left > 0 ? redirectOf(exchange, target) : undefined;
      if (!next) return response;
      if (exchange.status !== 307 && exchange.status !== 308) {
        if (method !== "HEAD") method = "GET";
        body = null;
        contentType = undefined;
      }
      target = next;
    }
  }

  #headers(
    call: Call,
    target: Target,
    own: Record<string, string> | undefined,
    contentType: string | undefined,
    sameHost: boolean,
  ): string[] {
    const headers: string[] = [];
    let hasAgent = false;
    let hasType = false;
    for (const name in own) {
      const lower = name.toLowerCase();
      if (!sameHost && (lower === "authorization" || lower === "cookie")) continue;
      if (lower === "user-agent") hasAgent = true;
      if (lower === "content-type") hasType = true;
      headers.push(name, String(own[name]));
    }
    if (!hasAgent && this.#vu.settings.userAgent !== "")
      headers.push("User-Agent", this.#vu.settings.userAgent);
    if (!hasType && contentType !== undefined) headers.push("Content-Type", contentType);
    if (target.authorization !== undefined) headers.push("Authorization", target.authorization);
    if (!this.#vu.cookies.isEmpty || call.cookies) {
      const cookie = this.#vu.cookies.headerFor(target.url, call.cookies);
      if (cookie !== undefined) headers.push("Cookie", cookie);
    }
    return headers;
  }

  /** Sends one hop; never settles when its iteration is cut. */
  #exchange(call: Call, target: Target, hop: Hop): Promise<Answer> {
    return new Promise((resolve) => {
      const lane = this.#take(target.origin);
      const timeoutMs = (call.deadlineUs - this.#vu.sink.nowUs()) / 1000;
      const timer = setTimeout(() => {
        const reason = new RequestTimeout();
        exchange.onResponseError(undefined, reason);
        lane.destroy(reason);
      }, timeoutMs);
      const exchange = new Exchange(this.#vu.sink, call.responseType !== "none", (ended) => {
        clearTimeout(timer);
        this.#give(target.origin, lane, ended, call);
        // Recorded here and not after the promise, so that it counts in the window in which it completed.
        if (this.#vu.epoch === call.epoch)
          resolve({ exchange: ended, response: this.#record(call, target, hop, ended) });
        else if (ended.sent) this.#vu.settings.traffic.interruptedRequests++;
      });
      const { path } = target;
      const { method, body } = hop;
      const headers = hop.headers as string[];
      lane.dispatch({ path, method, headers, body }, exchange);
    });
  }

  #take(origin: string): Lane {
    const lanes = this.#idle.get(origin);
    const { settings, connector } = this.#connections;
    const lane = lanes?.pop() ?? new Lane(origin, settings, connector);
    this.#busy.add(lane);
    return lane;
  }

  #give(origin: string, lane: Lane, exchange: Exchange, call: Call): void {
    const { sink } = this.#vu;
    lane.current = undefined;
    lane.takeBytes((sent, received) => {
      if (sent > 0) sink.add(call.scope.dataSent, sent);
      if (received > 0) sink.add(call.scope.dataReceived, received);
    });
    this.#busy.delete(lane);
    if (exchange.error) lane.destroy(exchange.error);
    if (!lane.usable) return;
    const lanes = this.#idle.get(origin);
    if (lanes) lanes.push(lane);
    else this.#idle.set(origin, [lane]);
  }

  #record(call: Call, target: Target, hop: Hop, exchange: Exchange): HttpResponse {
    const { sink, settings } = this.#vu;
    const failure = exchange.error ? failureOf(exchange.error, call.timeoutMs) : undefined;
    const status = failure ? 0 : exchange.status;
    const errorCode = failure ? failure.code : codeOfStatus(status);
    const expected = status >= 200 && status < 400;
    const name = call.name ?? hop.url;
    recordExchange(
      sink,
      call.scope.request({ name, method: hop.method, status, errorCode, expected }),
      exchange,
      expected,
    );
    if (exchange.sent)
      settings.traffic.lastRequestUs = Math.max(settings.traffic.lastRequestUs ?? 0, exchange.sentUs);
    if (!failure) this.#keepCookies(target, exchange);
    return new HttpResponse({ exchange, hop, responseType: call.responseType, failure, errorCode });
  }

  #keepCookies(target: Target, exchange: Exchange): void {
    if (!hasSetCookie(exchange.rawHeaders)) return;
    for (const [name, value] of pairsOf(exchange.rawHeaders)) {
      if (name === "set-cookie") this.#vu.cookies.keep(value, target.url);
    }
  }
}
