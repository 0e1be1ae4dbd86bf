/**
 * The HTTP client of one VU: its own connections and cookies, redirects, timeouts, and the samples of every hop.
 * A request that is refused, reset or times out is a measurement and gives a response; only a mistake of the
 * script (a URL that is none) throws. It runs for every request of a load test: one promise, few objects.
 */
import type { CookieJar } from "./cookie-jar.ts";
import { codeOfStatus, failureOf, RequestTimeout } from "./error-codes.ts";
import { Exchange } from "./exchange.ts";
import { callbackOf, type StatusSet } from "./expected-statuses.ts";
import type { RequestCeilings } from "./guard/request-ceilings.ts";
import { pairsOf } from "./headers.ts";
import { recordExchange } from "./http-series.ts";
import { type Hop, HttpResponse } from "./http-response.ts";
import type { Params, Response, ResponseType } from "./http-types.ts";
import { LanePool } from "./lane-pool.ts";
import type { Lane, LaneSettings, OpenLane } from "./lane.ts";
import type { InFlight } from "./in-flight.ts";
import { requestHeaders } from "./request-headers.ts";
import { methodOf, redirectOf, timeoutOf } from "./request-rules.ts";
import { ScriptJar } from "./script-jar.ts";
import { tellFailure } from "./tell-failure.ts";
import type { TagScope } from "./tag-scope.ts";
import { type Target, targetOf } from "./targets.ts";
import type { VuState } from "./vu-state.ts";

/** k6's default. */
const REDIRECTS_MAX = 10;

/** What lanes of all VUs of a worker share. */
export interface Connections {
  readonly settings: LaneSettings;
  readonly opener: () => OpenLane;
}

/** One call of the script, which may take several hops. */
interface Call {
  readonly epoch: number;
  readonly scope: TagScope;
  readonly name: string | undefined;
  readonly timeoutMs: number;
  readonly responseType: ResponseType;
  readonly params: Params | null | undefined;
  readonly jar: CookieJar;
  /** Null: failures are not measured. */
  readonly expected: StatusSet | null;
  readonly first: Target;
  readonly token: ReturnType<InFlight["begin"]>;
  readonly resolve: (response: Response) => void;
  timer: NodeJS.Timeout;
  redirectsLeft: number;
  /** What carries the hop that is under way. */
  lane: Lane | undefined;
}

/** One request of a call, as the client knows it. */
interface Step {
  readonly target: Target;
  readonly method: string;
  readonly body: string | Uint8Array | null;
  /** A redirect has left the body behind: headers that speak of it stay behind, too. */
  readonly isBodyGone: boolean;
}

export class HttpClient {
  readonly #vu: VuState;
  readonly #pool: LanePool;
  readonly #plainHeaders: readonly string[];

  constructor(vu: VuState, { opener, settings }: Connections) {
    this.#vu = vu;
    this.#pool = new LanePool(opener());
    this.#plainHeaders = settings.plainHeaders;
  }

  /** Rejects with a TypeError for a URL or parameter that is none; never settles when its iteration is cut. */
  request(
    method: string,
    url: string,
    body: string | Uint8Array | null,
    params: Params | null | undefined,
  ): Promise<Response> {
    return new Promise((resolve) => {
      const vu = this.#vu;
      if (vu.phase === "module") vu.needRun(`http.${method.toLowerCase()}`);
      // It goes on behind the end of its iteration: nobody waits for it.
      if (vu.phase === "cut") return;
      const step: Step = { target: targetOf(url), method: methodOf(method), body, isBodyGone: false };
      const call = this.#call(step.target, params, resolve);
      try {
        this.#send(call, step);
      } catch (error) {
        clearTimeout(call.timer);
        vu.inFlight.end(call.token);
        throw error;
      }
    });
  }

  /** Closes every connection; requests under way are cut. */
  close(reason: Error): void {
    this.#pool.close(reason);
  }

  /** Closes what no request uses: the next ones connect anew. */
  closeIdle(): void {
    this.#pool.closeIdle(new Error("connections end with each iteration"));
  }

  #call(first: Target, params: Params | null | undefined, resolve: Call["resolve"]): Call {
    const vu = this.#vu;
    const { settings } = vu;
    const name = params?.tags?.["name"];
    const timeoutMs = timeoutOf(params, settings.requestTimeoutMs);
    const call: Call = {
      epoch: vu.epoch,
      scope: vu.scope.with(params?.tags, "name"),
      name: name === undefined ? undefined : String(name),
      timeoutMs,
      responseType: params?.responseType ?? (settings.discardResponseBodies ? "none" : "text"),
      params,
      jar: params?.jar ? ScriptJar.behind(params.jar) : vu.cookies,
      expected:
        params?.responseCallback === undefined
          ? vu.expected
          : callbackOf("params.responseCallback", params.responseCallback),
      first,
      token: vu.inFlight.begin(),
      resolve,
      timer: setTimeout(timeOut, timeoutMs, () => call.lane),
      redirectsLeft: params?.redirects ?? settings.http.maxRedirects ?? REDIRECTS_MAX,
      lane: undefined,
    };
    return call;
  }

  /** Sends one hop, now or when it is its turn. */
  #send(call: Call, step: Step): void {
    const headers = this.#headers(call, step);
    const { ceilings } = this.#vu.settings;
    if (ceilings === undefined || ceilings.admits()) this.#dispatch(call, step, headers, 0);
    else this.#hold(ceilings, call, step, headers);
  }

  /** Its time begins when it is let through. */
  #hold(ceilings: RequestCeilings, call: Call, step: Step, headers: readonly string[]): void {
    const vu = this.#vu;
    const sinceUs = vu.sink.nowUs();
    clearTimeout(call.timer);
    ceilings.hold({
      isWanted: () => vu.epoch === call.epoch,
      go: () => {
        call.timer = setTimeout(timeOut, call.timeoutMs, () => call.lane);
        this.#dispatch(call, step, headers, vu.sink.nowUs() - sinceUs);
      },
    });
  }

  #dispatch(call: Call, step: Step, headers: readonly string[], heldUs: number): void {
    const { target } = step;
    const { sink } = this.#vu;
    const lane = this.#pool.take(target);
    call.lane = lane;
    const exchange = new Exchange(sink, call.responseType !== "none", (ended) => {
      this.#pool.give(target, lane, ended.error);
      call.lane = undefined;
      lane.takeBytes((sent, received) => {
        if (sent > 0) sink.add(call.scope.dataSent, sent);
        if (received > 0) sink.add(call.scope.dataReceived, received);
      });
      this.#ended(call, step, headers, ended);
    });
    exchange.heldUs = heldUs;
    lane.dispatch({ method: step.method, target, headers, body: step.body }, exchange);
  }

  #headers(call: Call, { isBodyGone, target }: Step): readonly string[] {
    const { first, jar, params } = call;
    if (!params?.headers && !params?.cookies && jar.isEmpty && target.authorization === undefined)
      return this.#plainHeaders;
    const isSameHost = target === first || target.host === first.host;
    const cookies = isSameHost ? params?.cookies : undefined;
    return requestHeaders(this.#plainHeaders, target, {
      own: params?.headers,
      isSameHost,
      isBodyGone,
      cookie: jar.isEmpty && !cookies ? undefined : jar.headerFor(target.url, cookies),
    });
  }

  /** A hop is over. Recorded at once and not after a promise, so that it counts in the window in which it completed. */
  #ended(call: Call, step: Step, headers: readonly string[], exchange: Exchange): void {
    const vu = this.#vu;
    if (vu.epoch !== call.epoch) {
      clearTimeout(call.timer);
      if (exchange.sent) vu.settings.traffic.interruptedRequests++;
      return;
    }
    const { method, target } = step;
    const hop: Hop = { method, url: target.href, headers, body: step.body };
    const response = this.#record(call, target, hop, exchange);
    const next = exchange.status >= 300 && call.redirectsLeft > 0 ? redirectOf(exchange, target) : undefined;
    if (next !== undefined) {
      call.redirectsLeft--;
      return this.#send(call, redirected(step, exchange.status, next));
    }
    clearTimeout(call.timer);
    vu.inFlight.end(call.token);
    call.resolve(response);
  }

  #record(call: Call, target: Target, hop: Hop, exchange: Exchange): HttpResponse {
    const { sink, settings } = this.#vu;
    const failure = exchange.error ? failureOf(exchange.error, call.timeoutMs) : undefined;
    const status = failure ? 0 : exchange.status;
    const errorCode = failure ? failure.code : codeOfStatus(status);
    const { connection } = exchange;
    const expected = call.expected?.has(status);
    const name = call.name ?? target.shown;
    recordExchange(
      sink,
      call.scope.request({ name, method: hop.method, status, errorCode, expected, connection }),
      exchange,
    );
    if (exchange.sent)
      settings.traffic.lastRequestUs = Math.max(settings.traffic.lastRequestUs ?? 0, exchange.sentUs);
    if (failure) {
      if (failure.rail !== undefined) settings.rails?.count(failure.rail, "refused");
      tellFailure(settings, { method: hop.method, url: target.shown }, failure, call.token);
    } else if (exchange.setsCookie) keepCookies(call.jar, target, exchange);
    return new HttpResponse({ exchange, hop, responseType: call.responseType, failure, errorCode });
  }
}

function keepCookies(jar: CookieJar, target: Target, exchange: Exchange): void {
  for (const [name, value] of pairsOf(exchange.head)) {
    if (name === "set-cookie") jar.keep(value, target.url);
  }
}

function timeOut(lane: () => Lane | undefined): void {
  lane()?.destroy(new RequestTimeout());
}

/** What a redirect asks for: without the body, but where the status says that nothing may change. */
function redirected(step: Step, status: number, target: Target): Step {
  if (status === 307 || status === 308) return { ...step, target };
  return { target, method: step.method === "HEAD" ? "HEAD" : "GET", body: null, isBodyGone: true };
}
